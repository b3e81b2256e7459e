//! The servers: echo over TCP, and the least that wrk takes for HTTP.

use std::future::Future;
use std::io::Read;

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::runtime::Runtime;

use crate::laps::Figure;
use crate::support::make_runtime;
use crate::{Row, Run};

pub const ROWS: &[Row] =
    &[("serve_tcp_echo", |run| serve_tcp(run, echo)), ("serve_http", |run| serve_tcp(run, greet))];

const RESPONSE: &[u8] =
    b"HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\nContent-Length: 14\r\n\r\nHello, world!\n";

async fn echo(mut stream: TcpStream) {
    let mut buffer = [0; 1024];
    loop {
        match stream.read(&mut buffer).await {
            Ok(received) if received > 0 => {
                if stream.write_all(&buffer[..received]).await.is_err() {
                    return;
                }
            }
            _ => return,
        }
    }
}

/// wrk sends a request when it has the answer to the one before, in one segment.
async fn greet(mut stream: TcpStream) {
    let mut buffer = [0; 4096];
    loop {
        match stream.read(&mut buffer).await {
            Ok(received) if received > 0 => {
                if !buffer[..received].ends_with(b"\r\n\r\n") {
                    continue;
                }
                if stream.write_all(RESPONSE).await.is_err() {
                    return;
                }
            }
            _ => return,
        }
    }
}

/// Says where the server listens, and lets it work until our standard input ends.
pub fn serve(runtime: Runtime, address: String) -> Figure {
    println!("{{\"address\": \"{address}\"}}");
    std::io::stdin().read_to_end(&mut Vec::new()).unwrap();
    runtime.shutdown_background();
    Figure::of(0.0)
}

fn serve_tcp<Fut>(run: Run, handle: fn(TcpStream) -> Fut) -> Figure
where
    Fut: Future<Output = ()> + Send + 'static,
{
    let runtime = make_runtime(run.workers);
    let listener = runtime.block_on(TcpListener::bind("127.0.0.1:0")).unwrap();
    let port = listener.local_addr().unwrap().port();
    runtime.spawn(async move {
        while let Ok((stream, _)) = listener.accept().await {
            stream.set_nodelay(true).unwrap();
            tokio::spawn(handle(stream));
        }
    });
    serve(runtime, format!("tcp:{port}"))
}

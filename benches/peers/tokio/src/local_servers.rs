//! The echo servers that are not TCP: UDP, and streams over unix sockets.

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{UdpSocket, UnixListener, UnixStream};

use crate::laps::Figure;
use crate::servers::serve;
use crate::support::make_runtime;
use crate::{Row, Run};

pub const ROWS: &[Row] = &[("serve_udp_echo", serve_udp), ("serve_unix_echo", serve_unix)];

fn serve_udp(run: Run) -> Figure {
    let runtime = make_runtime(run.workers);
    let socket = runtime.block_on(UdpSocket::bind("127.0.0.1:0")).unwrap();
    let port = socket.local_addr().unwrap().port();
    runtime.spawn(async move {
        let mut buffer = [0; 1024];
        loop {
            let (received, sender) = socket.recv_from(&mut buffer).await.unwrap();
            socket.send_to(&buffer[..received], sender).await.unwrap();
        }
    });
    serve(runtime, format!("udp:{port}"))
}

async fn echo(mut stream: UnixStream) {
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

fn serve_unix(run: Run) -> Figure {
    let runtime = make_runtime(run.workers);
    let path = format!("/tmp/weft-peers-{}.socket", std::process::id());
    let listener = {
        let _context = runtime.enter();
        UnixListener::bind(&path).unwrap()
    };
    runtime.spawn(async move {
        while let Ok((stream, _)) = listener.accept().await {
            tokio::spawn(echo(stream));
        }
    });
    let figure = serve(runtime, format!("unix:{path}"));
    std::fs::remove_file(&path).unwrap();
    figure
}

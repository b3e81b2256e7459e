package main

import (
	"bytes"
	"fmt"
	"net"
	"os"
)

const response = "HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\nContent-Length: 14\r\n\r\nHello, world!\n"

// The servers: echo over TCP, UDP and unix sockets, and the least that wrk takes for HTTP.
func init() {
	add("serve_tcp_echo", serveTCP(echo))
	add("serve_udp_echo", serveUDP)
	add("serve_unix_echo", serveUnix)
	add("serve_http", serveTCP(greet))
}

func echo(connection net.Conn) {
	defer connection.Close()
	buffer := make([]byte, 1024)
	for {
		received, err := connection.Read(buffer)
		if err != nil {
			return
		}
		if _, err := connection.Write(buffer[:received]); err != nil {
			return
		}
	}
}

// wrk sends a request when it has the answer to the one before, in one segment.
func greet(connection net.Conn) {
	defer connection.Close()
	buffer := make([]byte, 4096)
	answer := []byte(response)
	for {
		received, err := connection.Read(buffer)
		if err != nil {
			return
		}
		if !bytes.HasSuffix(buffer[:received], []byte("\r\n\r\n")) {
			continue
		}
		if _, err := connection.Write(answer); err != nil {
			return
		}
	}
}

// Hands each connection to a goroutine of its own.
func acceptAll(listener net.Listener, handle func(net.Conn)) {
	for {
		connection, err := listener.Accept()
		if err != nil {
			return
		}
		go handle(connection)
	}
}

func listen(network, address string) net.Listener {
	listener, err := net.Listen(network, address)
	if err != nil {
		fail("%v", err)
	}
	return listener
}

func serveTCP(handle func(net.Conn)) row {
	return func(Run) Figure {
		listener := listen("tcp", "127.0.0.1:0")
		go acceptAll(listener, handle)
		serve(fmt.Sprintf("tcp:%d", listener.Addr().(*net.TCPAddr).Port))
		return Figure{}
	}
}

func serveUnix(Run) Figure {
	path := fmt.Sprintf("/tmp/weft-peers-%d.socket", os.Getpid())
	listener := listen("unix", path)
	defer listener.Close() // removes the path, too
	go acceptAll(listener, echo)
	serve("unix:" + path)
	return Figure{}
}

func serveUDP(Run) Figure {
	socket, err := net.ListenUDP("udp", &net.UDPAddr{IP: net.IPv4(127, 0, 0, 1)})
	if err != nil {
		fail("%v", err)
	}
	go func() {
		buffer := make([]byte, 1024)
		for {
			received, sender, err := socket.ReadFromUDPAddrPort(buffer)
			if err != nil {
				return
			}
			if _, err := socket.WriteToUDPAddrPort(buffer[:received], sender); err != nil {
				return
			}
		}
	}()
	serve(fmt.Sprintf("udp:%d", socket.LocalAddr().(*net.UDPAddr).Port))
	return Figure{}
}

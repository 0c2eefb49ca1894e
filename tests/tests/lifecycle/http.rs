//! Servers under SIGTERM.

use std::io::{ErrorKind, Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;

use super::service::Service;

fn address(service: &mut Service) -> SocketAddr {
    let line = service.line();
    let address = line.strip_prefix("ready ").and_then(|it| it.parse().ok());
    address.unwrap_or_else(|| panic!("no address in {line:?}"))
}

fn ask(address: SocketAddr) -> std::io::Result<TcpStream> {
    let mut stream = TcpStream::connect(address)?;
    stream.write_all(b"GET / HTTP/1.1\r\nHost: test\r\nConnection: close\r\n\r\n")?;
    Ok(stream)
}

/// The body of an answer: `None` when the connection was closed before the first byte of one.
fn answer(mut stream: TcpStream) -> Option<String> {
    let mut text = String::new();
    match stream.read_to_string(&mut text) {
        Err(error) if error.kind() == ErrorKind::ConnectionReset && text.is_empty() => return None,
        read => read.unwrap(),
    };
    if text.is_empty() {
        return None;
    }
    let (head, body) = text.split_once("\r\n\r\n").expect("a whole head");
    assert!(head.starts_with("HTTP/1.1 200 "), "{head}");
    let length = head.lines().find_map(|line| {
        let (name, value) = line.split_once(": ")?;
        name.eq_ignore_ascii_case("content-length")
            .then(|| value.parse())
    });
    assert_eq!(Some(Ok(body.len())), length, "a whole body");
    Some(body.to_owned())
}

#[test]
fn axum_answers_what_was_accepted_and_refuses_what_comes_later() {
    drains("http");
}

#[test]
fn tonic_answers_what_was_accepted_and_refuses_what_comes_later() {
    drains("tonic");
}

fn drains(case: &str) {
    const CLIENTS: usize = 50;
    let mut service = Service::start(case);
    let address = address(&mut service);
    let mut streams = Vec::new();
    for number in 1..=CLIENTS {
        streams.push(ask(address).unwrap());
        service.says(&format!("in flight {number}"));
    }

    service.signal("TERM");
    service.says("draining");
    // The listener is closed by another task than the one that said so.
    while TcpStream::connect(address).is_ok() {}
    service.open_gate();

    for (index, stream) in streams.into_iter().enumerate() {
        assert_eq!(answer(stream), Some(format!("answer {}", index + 1)));
    }
    let ended = service.ended();
    ended.expect(0);
    assert_eq!(
        ended.stdout, "served\nqueue empty, 50 jobs done\n",
        "the queue drains before its worker ends"
    );
    assert_eq!(ended.reports_of("left behind"), <[&str; 0]>::default());
}

#[test]
fn under_load_every_request_that_was_begun_is_answered_in_full() {
    let mut service = Service::start("load");
    let address = address(&mut service);
    let answered = AtomicUsize::new(0);
    let ended = thread::scope(|scope| {
        for _ in 0..8 {
            scope.spawn(|| {
                // Until it is refused; one that waited to be accepted when the listener was closed is no answer either.
                while let Ok(stream) = ask(address) {
                    if answer(stream).is_some() {
                        answered.fetch_add(1, Ordering::SeqCst);
                    }
                }
            });
        }
        service.says("busy");
        service.signal("TERM");
        service.ended()
    });
    ended.expect(0);
    let answered = answered.into_inner();
    assert!(answered >= 200, "{answered}");
    assert_eq!(
        ended.stdout,
        format!("begun {answered} finished {answered}\n")
    );
    assert_eq!(ended.reports(), <[&str; 0]>::default());
}

#[test]
fn a_signal_before_the_service_is_ready_counts() {
    let mut service = Service::start("starting");
    service.says("starting");
    service.signal("TERM");
    service.says("asked to stop");
    service.open_gate();
    let ended = service.ended();
    ended.expect(0);
    assert_eq!(ended.stdout, "served nobody\n");
    assert_eq!(ended.reports(), <[&str; 0]>::default());
}

//! Each small example, started, used and stopped.

mod common;

use axum::http::{Method, StatusCode};
use common::Running;
use rejoin_examples::client;
use std::time::{Duration, Instant};
use tokio::io::{AsyncBufReadExt, AsyncWriteExt, BufReader};
use tokio::net::TcpStream;

#[tokio::test]
async fn fanout_answers_in_time_and_leaves_nobody_behind() {
    let service = Running::start(env!("CARGO_BIN_EXE_fanout"));

    let apples = client::get(service.address, "/price/apples").await;
    assert_eq!(apples.status(), Some(StatusCode::OK));
    assert_eq!(apples.body(), "64 from east\n");

    let sold_out = client::get(service.address, "/price/moonlight").await;
    assert_eq!(sold_out.status(), Some(StatusCode::NOT_FOUND));

    let start = Instant::now();
    let late = client::get(service.address, "/price/unobtainium").await;
    assert_eq!(late.status(), Some(StatusCode::GATEWAY_TIMEOUT));
    assert!(start.elapsed() >= Duration::from_millis(500));

    // The group has returned, so its tasks have ended; the list may still show one whose last word is being written.
    for attempt in 0.. {
        let alive = client::get(service.address, "/alive").await;
        if alive.body() == "0" {
            break;
        }
        assert!(attempt < 100, "{} tasks are left behind", alive.body());
    }
    service.stop();
}

#[tokio::test]
async fn background_work_is_finished_before_the_process_ends() {
    let service = Running::start(env!("CARGO_BIN_EXE_background"));
    for year in [2025, 0, 1989] {
        let path = format!("/report/{year}");
        let reply = client::request(Method::POST, service.address, &path).await;
        assert_eq!(reply.status(), Some(StatusCode::ACCEPTED));
    }
    let ended = service.stop();
    assert!(
        ended.stdout.ends_with("2 written, 0 given up\n"),
        "{}",
        ended.stdout
    );
    let mut errors = ended.stderr.lines();
    let report = errors.find(|line| line.starts_with("rejoin: "));
    let report = report.unwrap_or_else(|| panic!("no report in {}", ended.stderr));
    assert!(report.contains("order_report"), "names the task: {report}");
    assert!(report.contains("background.rs"), "and its place: {report}");
}

#[tokio::test]
async fn an_explicit_group_isolates_its_tasks_and_lets_them_say_goodbye() {
    let service = Running::start(env!("CARGO_BIN_EXE_explicit_group"));
    let mut polite = BufReader::new(TcpStream::connect(service.address).await.unwrap());
    let mut rude = BufReader::new(TcpStream::connect(service.address).await.unwrap());

    rude.write_all(b"panic please\n").await.unwrap();
    let mut line = String::new();
    assert_eq!(rude.read_line(&mut line).await.unwrap(), 0, "hung up");

    polite.write_all(b"hello\n").await.unwrap();
    polite.read_line(&mut line).await.unwrap();
    assert_eq!(line, "HELLO\n");

    let ended = tokio::task::spawn_blocking(|| service.stop())
        .await
        .unwrap();
    line.clear();
    polite.read_line(&mut line).await.unwrap();
    assert_eq!(line, "GOODBYE\n");
    assert_eq!(ended.stdout, "closed\n");
    assert!(ended.stderr.contains("connections"), "{}", ended.stderr);
}

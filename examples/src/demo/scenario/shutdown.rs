//! 5. Mails are being sent when the process is told to stop.
//!
//! Ending is something that only a whole process does, so each side is one: this program, started again as the
//! service alone. It stops when its standard input is closed.

use crate::client;
use crate::demo::downstream;
use crate::demo::report::{self, Cell, Section, Twins};
use crate::demo::service::{Service, Side};
use crate::gauge::Gauges;
use crate::stop;
use axum::http::Method;
use std::io::{self, Write};
use std::net::SocketAddr;
use std::path::Path;
use std::process::Stdio;
use std::time::{Duration, Instant};
use tokio::io::{AsyncBufReadExt, BufReader};
use tokio::process::Command;

const CUSTOMERS: [&str; 3] = ["ada", "grace", "barbara"];
/// How long background work may take to end.
pub const GRACE: Duration = Duration::from_secs(5);
/// The argument that makes the demo the service alone.
pub const SERVE: &str = "serve";

/// What became of the mails.
#[derive(Clone, Copy, Debug)]
pub struct ShutDown {
    /// How many were being sent when the process was told to stop.
    pub under_way: usize,
    /// How many had arrived when it had ended.
    pub arrived: usize,
    /// How long it took to end.
    pub took: Duration,
}

/// Measures both sides; `program` is the demo.
///
/// # Errors
///
/// When the program cannot be started or does not say where it listens.
pub async fn measure(program: &Path) -> io::Result<Twins<ShutDown>> {
    let (without, with) = tokio::try_join!(one(program, Side::Without), one(program, Side::With))?;
    Ok(Twins { without, with })
}

async fn one(program: &Path, side: Side) -> io::Result<ShutDown> {
    let mails = Gauges::default();
    let mail_server = downstream::mail_server(&mails).await?;
    let mails = mails.of("mail");

    let mut process = Command::new(program)
        .args([SERVE, side.name(), &mail_server.to_string()])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .kill_on_drop(true)
        .spawn()?;
    let output = process.stdout.take().expect("it was asked for");
    let address = BufReader::new(output).lines().next_line().await?;
    let service: SocketAddr = address
        .and_then(|address| address.parse().ok())
        .ok_or_else(|| io::Error::other("the service does not say where it listens"))?;

    for customer in CUSTOMERS {
        let path = side.path(&format!("/sign-up/{customer}"));
        client::request(Method::POST, service, &path).await;
    }
    mails.reaches(CUSTOMERS.len()).await;
    let under_way = mails.now();
    let start = Instant::now();
    drop(process.stdin.take());
    process.wait().await?;
    Ok(ShutDown {
        under_way,
        arrived: mails.finished(),
        took: start.elapsed(),
    })
}

/// The service alone, until it is told to stop.
///
/// # Errors
///
/// When it cannot listen, or fails.
pub async fn serve(side: Side, mail_server: SocketAddr) -> io::Result<()> {
    let service = Service::start(mail_server).await?;
    writeln!(io::stdout(), "{}", service.address)?;
    stop::requested().await;
    service.stop().await?;
    if side == Side::With {
        rejoin::root().join(GRACE).await;
    }
    Ok(())
}

/// How the demo itself ended.
#[derive(Clone, Debug)]
pub struct Drained {
    /// The tasks alive when the service had stopped.
    pub alive: Vec<String>,
    /// The tasks alive after the drain.
    pub survivors: Vec<String>,
    /// How long the drain took.
    pub took: Duration,
    /// How many mails arrived meanwhile.
    pub arrived: usize,
}

/// Signs one more customer up, stops the service while the mail is being sent, and drains.
///
/// # Errors
///
/// When the service has failed.
pub async fn drain(service: Service, mails: &Gauges) -> io::Result<Drained> {
    let mails = mails.of("mail");
    let path = Side::With.path("/sign-up/hedy");
    client::request(Method::POST, service.address, &path).await;
    mails.reaches(1).await;
    service.stop().await?;

    let sent = mails.finished();
    let start = Instant::now();
    let alive = rejoin::root()
        .live()
        .iter()
        .map(ToString::to_string)
        .collect();
    let survivors = rejoin::root().join(GRACE).await;
    Ok(Drained {
        alive,
        survivors: survivors.iter().map(ToString::to_string).collect(),
        took: start.elapsed(),
        arrived: mails.finished() - sent,
    })
}

impl Drained {
    /// Prints it.
    pub fn print(&self) {
        report::heading("\nThe demo drains");
        for task in &self.alive {
            report::aside(&format!("   waits for  {task}"));
        }
        report::line(&format!(
            "   {} of {} tasks came home in {}; mails that arrived meanwhile: {}",
            self.alive.len() - self.survivors.len(),
            self.alive.len(),
            report::duration(self.took),
            self.arrived,
        ));
        for task in &self.survivors {
            report::line(&format!("   still alive  {task}"));
        }
    }
}

impl Twins<ShutDown> {
    /// For the report.
    #[must_use]
    pub fn section(&self) -> Section {
        Section {
            title: "Mails are being sent in the background when the process is told to stop",
            attribute: "#[guarded], root().join(grace)",
            rows: vec![
                self.row("mails under way", |seen| Cell::plain(&seen.under_way)),
                self.row("mails that arrived", |seen| {
                    Cell::judged(&seen.arrived, seen.arrived == seen.under_way)
                }),
                self.row("the process ended after", |seen| {
                    Cell::plain(&report::duration(seen.took))
                }),
            ],
            log: Twins::default(),
        }
    }
}

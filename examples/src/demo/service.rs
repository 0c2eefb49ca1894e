//! The service: both sides of every handler behind one port, over HTTP/1.1 and HTTP/2.

use super::shop::Shop;
use super::{with, without};
use crate::gauge::Gauge;
use axum::Router;
use axum::extract::State;
use axum::routing::get;
use std::io;
use std::net::{Ipv4Addr, SocketAddr};
use tokio::net::TcpListener;
use tokio::sync::{oneshot, watch};
use tokio::task::JoinHandle;

/// Which twin of a handler.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Side {
    /// As written.
    Without,
    /// With its attribute.
    With,
}

impl Side {
    /// The folder that this side's paths are in, and the stem of the file of its handlers.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Without => "without",
            Self::With => "with",
        }
    }

    /// This side's address of a handler.
    #[must_use]
    pub fn path(self, path: &str) -> String {
        format!("/{}{path}", self.name())
    }
}

/// Both shops, running.
#[derive(Debug)]
pub struct Service {
    /// Where it listens.
    pub address: SocketAddr,
    /// The state of the handlers as written.
    pub without: Shop,
    /// The state of the handlers with attributes.
    pub with: Shop,
    /// Requests to `/wait`, which are answered when it is opened.
    pub gate: Gate,
    stop: oneshot::Sender<()>,
    serving: JoinHandle<io::Result<()>>,
}

impl Service {
    /// Starts the service, and the servers that its pages come from, on free loopback ports.
    ///
    /// # Errors
    ///
    /// When there is no free port.
    pub async fn start(mail_server: SocketAddr) -> io::Result<Self> {
        let without = Shop::open(mail_server).await?;
        let with = Shop::open(mail_server).await?;
        let gate = Gate::default();
        let app = Router::new()
            .nest("/without", without::routes().with_state(without.clone()))
            .nest("/with", with::routes().with_state(with.clone()))
            .route("/wait", get(wait).with_state(gate.clone()));

        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await?;
        let address = listener.local_addr()?;
        let (stop, stopped) = oneshot::channel::<()>();
        let server = axum::serve(listener, app).with_graceful_shutdown(async {
            let _ = stopped.await;
        });
        Ok(Self {
            address,
            without,
            with,
            gate,
            stop,
            serving: tokio::spawn(server.into_future()),
        })
    }

    /// The state of one side.
    #[must_use]
    pub fn shop(&self, side: Side) -> &Shop {
        match side {
            Side::Without => &self.without,
            Side::With => &self.with,
        }
    }

    /// Accepts nothing more and waits for the connections that are open.
    ///
    /// # Errors
    ///
    /// When the service has failed.
    pub async fn stop(self) -> io::Result<()> {
        let _ = self.stop.send(());
        self.serving.await?
    }
}

/// Holds requests back until it is opened, so that one can be seen to be open while others come and go.
#[derive(Clone, Debug, Default)]
pub struct Gate {
    /// How many are waiting.
    pub waiting: Gauge,
    opened: watch::Sender<()>,
}

impl Gate {
    /// Lets everybody pass who waits now.
    pub fn open(&self) {
        self.opened.send_replace(());
    }
}

async fn wait(State(gate): State<Gate>) -> &'static str {
    let mut opened = gate.opened.subscribe();
    let _waiting = gate.waiting.enter();
    opened.changed().await.expect("the gate holds its sender");
    "waited"
}

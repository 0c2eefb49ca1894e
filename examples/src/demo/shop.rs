//! What the handlers work with: the state of the service, and the jobs that it does.

use super::downstream;
use crate::client::{self, Reply};
use crate::gauge::Gauges;
use axum::http::Method;
use std::fmt;
use std::io;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

/// How many bytes one picture has.
pub const PICTURE: usize = 64 * 1024;

/// The state of one of the two services.
#[derive(Clone, Debug)]
pub struct Shop {
    /// The sources of a product page.
    pub sources: Arc<[SocketAddr]>,
    /// The mail server.
    pub mail_server: SocketAddr,
    /// The service's own tasks, by what they work on.
    pub tasks: Gauges,
    /// What the servers that it depends on are working on for it.
    pub requests: Gauges,
}

/// A source that did not answer as it should.
#[derive(Debug)]
pub struct FetchError {
    source: SocketAddr,
    reply: Reply,
}

impl fmt::Display for FetchError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} answered: {}", self.source, self.reply)
    }
}

impl std::error::Error for FetchError {}

impl Shop {
    /// Opens a shop, with sources of its own.
    ///
    /// # Errors
    ///
    /// When there is no free port.
    pub async fn open(mail_server: SocketAddr) -> io::Result<Self> {
        let requests = Gauges::default();
        Ok(Self {
            sources: downstream::sources(&requests).await?.into(),
            mail_server,
            tasks: Gauges::default(),
            requests,
        })
    }

    /// Asks one source about a product.
    ///
    /// # Errors
    ///
    /// When it does not answer with a 200.
    pub async fn fetch(self, source: SocketAddr, product: String) -> Result<String, FetchError> {
        let _task = self.tasks.of(&product).enter();
        match client::get(source, &format!("/{product}")).await {
            Reply::Answer { status, body, .. } if status.is_success() => Ok(body),
            reply => Err(FetchError { source, reply }),
        }
    }

    /// Sends a mail.
    pub async fn mail(self, to: String) {
        client::request(Method::POST, self.mail_server, &format!("/{to}")).await;
    }

    /// Makes a picture smaller, which takes a moment and the whole picture's memory.
    pub async fn shrink(self, picture: Vec<u8>) {
        let task = self.tasks.of("pictures").enter();
        tokio::time::sleep(Duration::from_millis(20)).await;
        drop(picture);
        task.finish();
    }
}

/// Loads a picture.
#[must_use]
pub fn picture(number: usize) -> Vec<u8> {
    vec![number.to_le_bytes()[0]; PICTURE]
}

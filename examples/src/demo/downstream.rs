//! The servers that the shop depends on, each a real one on a port of its own.

use crate::gauge::Gauges;
use axum::Router;
use axum::extract::{Path, State};
use axum::http::StatusCode;
use axum::routing::{get, post};
use std::io;
use std::net::{Ipv4Addr, SocketAddr};
use std::time::Duration;
use tokio::net::TcpListener;

/// What the shop asks for a product page.
pub const SOURCES: [&str; 5] = ["price", "stock", "reviews", "pictures", "offers"];
/// How long a source takes to answer.
pub const SLOW: Duration = Duration::from_secs(5);
/// How long the price of a delisted product takes to fail.
pub const FAILS_AFTER: Duration = Duration::from_millis(20);
/// How long the mail server takes to accept a mail.
pub const MAIL: Duration = Duration::from_secs(1);

/// Starts the sources of a product page. `requests` counts, by product, what they are working on.
///
/// # Errors
///
/// When there is no free port.
pub async fn sources(requests: &Gauges) -> io::Result<Vec<SocketAddr>> {
    let mut servers = Vec::new();
    for name in SOURCES {
        let app = Router::new()
            .route("/{product}", get(source))
            .with_state((name, requests.clone()));
        servers.push(serve(app).await?);
    }
    Ok(servers)
}

async fn source(
    State((name, requests)): State<(&'static str, Gauges)>,
    Path(product): Path<String>,
) -> (StatusCode, String) {
    let _request = requests.of(&product).enter();
    if name == "price" && product.starts_with("delisted") {
        tokio::time::sleep(FAILS_AFTER).await;
        return (StatusCode::INTERNAL_SERVER_ERROR, "no such price".into());
    }
    tokio::time::sleep(SLOW).await;
    (StatusCode::OK, format!("{name} of {product}"))
}

/// Starts a mail server. `mails` counts, under `mail`, what it is accepting and what it has accepted.
///
/// # Errors
///
/// When there is no free port.
pub async fn mail_server(mails: &Gauges) -> io::Result<SocketAddr> {
    let app = Router::new()
        .route("/{to}", post(accept_mail))
        .with_state(mails.clone());
    serve(app).await
}

async fn accept_mail(State(mails): State<Gauges>) -> StatusCode {
    let mail = mails.of("mail").enter();
    tokio::time::sleep(MAIL).await;
    mail.finish();
    StatusCode::ACCEPTED
}

/// Serves on a free loopback port for as long as the runtime runs.
async fn serve(app: Router) -> io::Result<SocketAddr> {
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await?;
    let address = listener.local_addr()?;
    tokio::spawn(async move { axum::serve(listener, app).await });
    Ok(address)
}

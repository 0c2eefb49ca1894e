//! The live tree over HTTP.

use std::fmt::Write as _;
use std::hash::{BuildHasher as _, RandomState};
use std::time::UNIX_EPOCH;

use axum::Router;
use axum::body::Body;
use axum::routing::get;
use http::header::{ACCEPT, CACHE_CONTROL, CONTENT_SECURITY_POLICY, CONTENT_TYPE, VARY};
use http::{HeaderMap, Response, StatusCode, Uri};
use serde_json::{Value, json};

use super::rows::{Row, rows};
use super::{State, Tree, tree};
use crate::escape::Escaped;

/// How many lines the page is sent at most: more are not read by anybody.
const MOST: usize = 1000;

/// A page that shows [`tree()`] and follows it, to be mounted where operators find it.
///
/// Nothing is served unless it is mounted. Names of functions and lines of source are nobody else's business: mount it on a
/// port that only operators reach, or behind what lets only them in.
///
/// | request | answer |
/// |---|---|
/// | `?format=html`, or `Accept: text/html` | the page, which asks again every second, less often when the answer takes long |
/// | `?format=json`, or `Accept: application/json` | [`Tree`] as JSON, every task of it |
/// | `?format=text`, or anything else, such as `curl` | [`Tree`] as text |
///
/// The page needs nothing but this route, runs under a strict content security policy, and shows at most a thousand
/// lines: where there are many tasks, those that are alike share one. Keys: `/` to filter, `p` to pause, `x` to fold. Without
/// scripts it is the text, and reloads itself.
///
/// The snapshot is taken on tokio's blocking pool, so no request has to wait for it.
///
/// # Example
///
/// ```
/// let service: axum::Router = axum::Router::new().nest("/debug/tasks", rejoin::tree::router());
/// # drop(service);
/// ```
pub fn router<S>() -> Router<S>
where
    S: Clone + Send + Sync + 'static,
{
    Router::new().route("/", get(answer))
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Format {
    Html,
    Json,
    Text,
    /// The lines of the page.
    Rows,
}

impl Format {
    /// What is asked for: by the query, else by what is accepted.
    fn of(uri: &Uri, headers: &HeaderMap) -> Option<Self> {
        let mut query = uri.query().unwrap_or_default().split('&');
        if let Some(format) = query.find_map(|pair| pair.strip_prefix("format=")) {
            return match format {
                "html" => Some(Self::Html),
                "json" => Some(Self::Json),
                "text" => Some(Self::Text),
                "rows" => Some(Self::Rows),
                _ => None,
            };
        }
        let accepted = headers.get(ACCEPT).and_then(|accept| accept.to_str().ok());
        let mut accepted = accepted.unwrap_or_default().split([',', ';']);
        let format = accepted.find_map(|kind| match kind.trim() {
            "text/html" => Some(Self::Html),
            "application/json" => Some(Self::Json),
            "text/plain" => Some(Self::Text),
            _ => None,
        });
        Some(format.unwrap_or(Self::Text))
    }

    const fn content_type(self) -> &'static str {
        match self {
            Self::Html => "text/html; charset=utf-8",
            Self::Json | Self::Rows => "application/json",
            Self::Text => "text/plain; charset=utf-8",
        }
    }
}

async fn answer(uri: Uri, headers: HeaderMap) -> Response<Body> {
    let nonce = nonce();
    let Some(format) = Format::of(&uri, &headers) else {
        let known = "`format` is html, json or text\n".to_owned();
        return respond(StatusCode::BAD_REQUEST, Format::Text, &nonce, known);
    };
    let script = nonce.clone();
    let body = tokio::task::spawn_blocking(move || {
        let tree = tree();
        match format {
            Format::Html => Some(page(&tree, &script)),
            Format::Json => serde_json::to_string(&tree).ok(),
            Format::Text => Some(tree.to_string()),
            Format::Rows => Some(lines(&tree).to_string()),
        }
    });
    match body.await {
        Ok(Some(body)) => respond(StatusCode::OK, format, &nonce, body),
        // The runtime ends.
        _ => respond(
            StatusCode::SERVICE_UNAVAILABLE,
            Format::Text,
            &nonce,
            String::new(),
        ),
    }
}

fn respond(status: StatusCode, format: Format, nonce: &str, body: String) -> Response<Body> {
    let policy = format!(
        "default-src 'none'; script-src 'nonce-{nonce}'; style-src 'nonce-{nonce}'; connect-src 'self'; \
         base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
    );
    let response = Response::builder()
        .status(status)
        .header(CONTENT_TYPE, format.content_type())
        .header(CONTENT_SECURITY_POLICY, policy)
        .header(CACHE_CONTROL, "no-store")
        .header(VARY, "accept")
        .header("x-content-type-options", "nosniff")
        .header("referrer-policy", "no-referrer");
    response.body(Body::from(body)).unwrap_or_default()
}

/// What only this answer knows: nobody can have written it into a name before.
fn nonce() -> String {
    let random = || RandomState::new().hash_one(());
    format!("{:016x}{:016x}", random(), random())
}

fn page(tree: &Tree, nonce: &str) -> String {
    let text = tree.to_string();
    let mut shown = String::new();
    for (at, line) in text.lines().enumerate() {
        if at == MOST {
            shown.push_str("…\n");
            break;
        }
        let _ = writeln!(shown, "{}", escaped(line));
    }
    // The text comes last: what is in it is not looked at again.
    include_str!("page.html")
        .replace("{nonce}", nonce)
        .replace("{style}", include_str!("page.css"))
        .replace("{script}", include_str!("page.js"))
        .replace("{text}", &shown)
}

fn escaped(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for char in text.chars() {
        match char {
            '&' => escaped.push_str("&amp;"),
            '<' => escaped.push_str("&lt;"),
            '>' => escaped.push_str("&gt;"),
            '"' => escaped.push_str("&quot;"),
            '\'' => escaped.push_str("&#39;"),
            other => escaped.push(other),
        }
    }
    escaped
}

/// What the page shows; its script knows the fields.
fn lines(tree: &Tree) -> Value {
    let crowded = tree.is_crowded();
    let rows = rows(tree, crowded);
    let taken_at = tree.taken_at().duration_since(UNIX_EPOCH);
    let in_state = |state| {
        tree.tasks()
            .filter(|(_, task)| task.state() == state)
            .count()
    };
    json!({
        "taken_at": taken_at.unwrap_or_default().as_secs_f64(),
        "shutting_down": tree.is_shutting_down(),
        "tasks": tree.task_count(),
        "groups": tree.scopes().len() - 1,
        "cancelled": in_state(State::Cancelled),
        "aborted": in_state(State::Aborted),
        "merged": crowded,
        "hidden": rows.len().saturating_sub(MOST),
        "rows": rows.iter().take(MOST).map(line).collect::<Vec<_>>(),
    })
}

fn line(row: &Row) -> Value {
    json!({
        "depth": row.depth,
        "count": row.count,
        "name": Escaped(row.alike.name).to_string(),
        "kind": row.kind(),
        "state": row.alike.state.as_str(),
        "age": row.oldest.as_secs_f64(),
        "place": row.alike.at.map(ToString::to_string),
        "owner": row.alike.owner.map(|owner| Escaped(owner.name()).to_string()),
        "detached": row.alike.detached,
        "inside": row.alike.kind.is_none().then_some(row.tasks),
    })
}

#[cfg(test)]
mod tests {
    use super::super::text_tests::{ROOT, tree};
    use super::*;

    /// So many that no two are alike: each is inside the one before.
    #[test]
    fn of_too_many_lines_the_first_are_sent_and_the_others_counted() {
        let scopes = (0..1500_usize).map(|scope| (scope.checked_sub(1), ROOT, Vec::new()));
        let tree = tree(scopes.collect());
        let lines = lines(&tree);
        assert_eq!(lines["rows"].as_array().unwrap().len(), 1000);
        assert_eq!(lines["hidden"], 500);
        assert_eq!(lines["groups"], 1499);
        let page = page(&tree, "nonce");
        let place = ROOT.location().to_string();
        // A heading of three lines, and the root, which is nowhere.
        assert_eq!(page.matches(&place).count(), 1000 - 3 - 1);
        assert!(page.contains("\n…\n"));
        assert_eq!(tree.to_string().matches(&place).count(), 1499);
    }
}

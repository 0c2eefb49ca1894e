//! The page of the live tree, in a real browser, and what its route answers to others.

#[path = "page/browser.rs"]
mod browser;
#[path = "common/skip.rs"]
mod skip;

use std::future::pending;
use std::path::Path;

use axum::Router;
use axum::body::Body;
use axum::http::{Request, Response, StatusCode};
use browser::Browser;
use http_body_util::BodyExt as _;
use rejoin::TaskGroup;
use skip::skip;
use tower::ServiceExt as _;

const EVIL: &str = "<script>alert(1)</script><img src=x onerror=alert(2)></noscript>";

/// It would turn what is behind it around.
const TURNED: &str = "shop::\u{202e}sredro";

type Group = TaskGroup<std::io::Error>;

fn service() -> Router {
    Router::new().nest("/debug/tasks", rejoin::tree::router())
}

async fn get(query: &str, accept: Option<&str>) -> (Response<()>, String) {
    let mut request = Request::get(format!("/debug/tasks{query}"));
    if let Some(accept) = accept {
        request = request.header("accept", accept);
    }
    let request = request.body(Body::empty()).unwrap();
    let (head, body) = service().oneshot(request).await.unwrap().into_parts();
    let body = body.collect().await.unwrap().to_bytes();
    let body = String::from_utf8(body.to_vec()).unwrap();
    (Response::from_parts(head, ()), body)
}

#[tokio::test]
async fn it_answers_in_the_format_that_is_asked_for() {
    const BROWSER: &str = "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8";
    let kinds = [
        ("", None, "text/plain; charset=utf-8"),
        ("", Some("*/*"), "text/plain; charset=utf-8"),
        ("", Some(BROWSER), "text/html; charset=utf-8"),
        ("", Some("application/json"), "application/json"),
        ("?format=text", Some(BROWSER), "text/plain; charset=utf-8"),
        ("?format=json", Some(BROWSER), "application/json"),
        ("?format=html", None, "text/html; charset=utf-8"),
    ];
    for (query, accept, kind) in kinds {
        let (response, body) = get(query, accept).await;
        assert_eq!(response.status(), StatusCode::OK);
        assert_eq!(response.headers()["content-type"], kind);
        assert_eq!(response.headers()["cache-control"], "no-store");
        let policy = response.headers()["content-security-policy"]
            .to_str()
            .unwrap();
        assert!(
            policy.starts_with("default-src 'none'; script-src 'nonce-"),
            "{policy}"
        );
        assert!(!policy.contains("unsafe"), "{policy}");
        assert!(body.contains("root"), "{body}");
    }
    let (response, body) = get("?format=xml", None).await;
    assert_eq!(response.status(), StatusCode::BAD_REQUEST);
    assert_eq!(body, "`format` is html, json or text\n");
}

#[tokio::test]
async fn no_two_pages_allow_the_same_scripts() {
    let policy = |response: &Response<()>| response.headers()["content-security-policy"].clone();
    let (one, _) = get("?format=html", None).await;
    let (two, _) = get("?format=html", None).await;
    assert_ne!(policy(&one), policy(&two));
}

#[tokio::test]
async fn the_text_for_browsers_without_scripts_is_escaped() {
    let group = Group::builder().name(EVIL).open();
    let (_, page) = get("?format=html", None).await;
    assert!(!page.contains(EVIL) && !page.contains("<img"), "{page}");
    assert!(page.contains("&lt;script&gt;alert(1)&lt;/script&gt;"));
    assert_eq!(page.matches("</noscript>").count(), 2);
    drop(group);
}

/// One browser for all of it: starting it is most of what this takes.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn it_shows_a_running_service_and_follows_it() {
    let pictures = Path::new(env!("CARGO_TARGET_TMPDIR"));
    let Some(mut browser) = Browser::start(&pictures.join("page-profile")).await else {
        skip(
            "it_shows_a_running_service_and_follows_it",
            "`chromium` is not on the PATH (on Debian: apt-get install chromium)",
            "REJOIN_REQUIRE_BROWSER",
        );
        return;
    };
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}/debug/tasks", listener.local_addr().unwrap());
    let server = tokio::spawn(async { axum::serve(listener, service()).await.unwrap() });

    // What is there when it is opened.
    let orders = Group::builder().name("shop::orders").open();
    orders.launch(pending::<()>());
    browser.open(&url).await;
    browser.until(&has("shop::orders")).await;

    // What comes, and what goes.
    let mail = Group::builder().name("shop::mail").open();
    mail.launch(pending::<()>());
    browser.until(&has("shop::mail")).await;
    drop(mail);
    browser.until(&format!("!({})", has("shop::mail"))).await;

    // What stops: its task is deaf, so that it stays.
    let stopping = Group::builder()
        .name("shop::stopping")
        .grace(std::time::Duration::from_secs(3600))
        .open();
    stopping.launch(pending::<()>());
    stopping.cancel();
    browser
        .until("document.querySelector('.scope .state.cancelled')?.textContent === '▲ cancelled'")
        .await;
    let status = browser
        .eval("document.getElementById('when').textContent")
        .await;
    assert!(
        status.as_str().unwrap().starts_with("1 cancelled, as of "),
        "{status}"
    );

    names_do_no_harm(&mut browser).await;
    let others: Vec<_> = ["shop::carts", "shop::stock", "shop::prices"]
        .map(|name| {
            let group = Group::builder().name(name).open();
            group.launch(pending::<()>());
            group.launch(pending::<()>());
            group
        })
        .into();
    browser.until(&has("shop::prices")).await;
    picture(&mut browser, pictures, "ten").await;
    keys_filter_fold_and_pause(&mut browser).await;
    drop(others);

    // A hundred thousand, a part of them in groups of their own, on a few lines.
    for _ in 0..70_000 {
        orders.launch(pending::<()>());
    }
    let requests: Vec<_> = (0..10_000)
        .map(|_| {
            let group = Group::builder().name("shop::checkout").open();
            group.launch(pending::<()>());
            group.launch(pending::<()>());
            group.launch(pending::<()>());
            group
        })
        .collect();
    browser
        .until("document.title.startsWith('100\\u202f0')")
        .await;
    let lines = "document.querySelectorAll('#rows tr').length";
    assert!(browser.eval(lines).await.as_u64().unwrap() < 50);
    let count = "[...document.querySelectorAll('.count')].some((count) => count.textContent.startsWith('70\\u202f000'))";
    browser.until(count).await;
    picture(&mut browser, pictures, "many").await;
    for query in ["?format=rows", "?format=html", "?format=text"] {
        let (_, body) = get(query, None).await;
        assert!(body.len() < 64 * 1024, "{query}: {}", body.len());
    }
    assert_eq!(browser.complaints, [""; 0]);

    // The service ends.
    let ending = "!document.getElementById('ending').hidden";
    assert_eq!(browser.eval(ending).await, false);
    rejoin::root().request_shutdown();
    browser.until(ending).await;
    picture(&mut browser, pictures, "ending").await;

    // It is gone: what was seen last stays.
    server.abort();
    browser
        .until("!document.getElementById('down').hidden")
        .await;
    assert_eq!(browser.eval(&has("shop::orders")).await, true);
    picture(&mut browser, pictures, "down").await;
    drop((orders, stopping, requests));
}

/// Whether a line of the page has this name.
fn has(name: &str) -> String {
    format!(
        "[...document.querySelectorAll('.label')].some((label) => label.textContent === {name:?})"
    )
}

async fn names_do_no_harm(browser: &mut Browser) {
    let evil = Group::builder().name(EVIL).open();
    evil.launch(pending::<()>());
    let turned = Group::builder().name(TURNED).open();
    browser.until(&has(EVIL)).await;
    browser.until(&has("shop::\\u{202e}sredro")).await;
    let made = "document.querySelectorAll('#table script, #table img').length";
    assert_eq!(browser.eval(made).await, 0);
    assert_eq!(browser.eval("document.scripts.length").await, 1);
    // Were there one, the policy would not run it; that is told, and no news.
    assert_eq!(browser.complaints, [""; 0]);
    let inline = "{ const script = document.createElement('script'); script.textContent = 'globalThis.harmed = 1'; \
                  document.body.append(script); script.remove(); globalThis.harmed === undefined }";
    assert_eq!(browser.eval(inline).await, true);
    browser.eval("0").await;
    browser.complaints.clear();
    drop((evil, turned));
    browser.until(&format!("!({})", has(EVIL))).await;
}

async fn keys_filter_fold_and_pause(browser: &mut Browser) {
    let focused = "document.activeElement.id";
    browser.press("/").await;
    assert_eq!(browser.eval(focused).await, "filter");
    for key in ["s", "t", "o", "p", "p", "i", "n", "g"] {
        browser.press(key).await;
    }
    browser.until(&format!("!({})", has("shop::orders"))).await;
    // The line itself, and those around it.
    assert_eq!(browser.eval(&has("shop::stopping")).await, true);
    assert_eq!(browser.eval(&has("root")).await, true);
    browser.press("Escape").await;
    browser.until(&has("shop::orders")).await;

    let tasks = "document.querySelectorAll('#rows tr.task').length";
    let before = browser.eval(tasks).await;
    browser.press("x").await;
    assert_eq!(browser.eval(tasks).await, 0);
    // It stays folded over the next answer.
    let now = browser.eval("last.taken_at").await;
    browser.until(&format!("last.taken_at > {now}")).await;
    assert_eq!(browser.eval(tasks).await, 0);
    browser.press("x").await;
    assert_eq!(browser.eval(tasks).await, before);

    browser.press("p").await;
    let pressed = "document.getElementById('pause').getAttribute('aria-pressed')";
    assert_eq!(browser.eval(pressed).await, "true");
    let late = Group::builder().name("shop::late").open();
    // An answer that has it comes, and is not shown.
    browser
        .eval("globalThis.news = null; fetch('?format=rows').then((answer) => answer.text()).then((text) => news = text); 0")
        .await;
    browser.until("news?.includes('shop::late') === true").await;
    assert_eq!(browser.eval(&has("shop::late")).await, false);
    browser.press("p").await;
    browser.until(&has("shop::late")).await;
    drop(late);
}

/// In both colour schemes, wide and narrow.
async fn picture(browser: &mut Browser, directory: &Path, name: &str) {
    for (scheme, width) in [("dark", 1200), ("light", 400), ("light", 1200)] {
        let file = directory.join(format!("page-{name}-{scheme}-{width}.png"));
        browser.picture(&file, scheme, width).await;
    }
}

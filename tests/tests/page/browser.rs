//! A headless Chromium, driven by its `DevTools` protocol.

use std::io::{BufRead as _, BufReader, ErrorKind};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use futures::{SinkExt as _, StreamExt as _};
use serde_json::{Value, json};
use tokio::net::TcpStream;
use tokio_tungstenite::tungstenite::Message;
use tokio_tungstenite::{MaybeTlsStream, WebSocketStream, connect_async};

/// A browser with one page.
pub(crate) struct Browser {
    process: Child,
    socket: WebSocketStream<MaybeTlsStream<TcpStream>>,
    session: Option<String>,
    last: u64,
    /// Dialogs that were opened, and whatever the page has complained of.
    pub(crate) complaints: Vec<String>,
}

impl Browser {
    /// Starts one with an empty profile of its own in `directory`; `None` where `chromium` is not installed.
    pub(crate) async fn start(directory: &Path) -> Option<Self> {
        let _ = std::fs::remove_dir_all(directory);
        let spawned = Command::new("chromium")
            .args([
                "--headless=new",
                "--no-sandbox",
                "--disable-gpu",
                "--disable-dev-shm-usage",
                "--remote-debugging-port=0",
                "about:blank",
            ])
            .arg(format!("--user-data-dir={}", directory.display()))
            .stderr(Stdio::piped())
            .spawn();
        let mut process = match spawned {
            Err(error) if error.kind() == ErrorKind::NotFound => return None,
            spawned => spawned.expect("`chromium` can be executed"),
        };
        let mut said = BufReader::new(process.stderr.take().expect("it is piped")).lines();
        let address = tokio::task::spawn_blocking(move || {
            let address = said.find_map(|line| {
                let line = line.expect("text");
                line.strip_prefix("DevTools listening on ")
                    .map(str::to_owned)
            });
            // It must not stop because nobody reads on.
            std::thread::spawn(move || said.for_each(drop));
            address.expect("the browser starts")
        })
        .await
        .expect("it listens");
        let (socket, _) = connect_async(address).await.expect("it is there");
        let mut browser = Self {
            process,
            socket,
            session: None,
            last: 0,
            complaints: Vec::new(),
        };
        let page = browser
            .call("Target.createTarget", json!({ "url": "about:blank" }))
            .await;
        let page = json!({ "targetId": page["targetId"], "flatten": true });
        let session = browser.call("Target.attachToTarget", page).await;
        browser.session = session["sessionId"].as_str().map(str::to_owned);
        for domain in ["Page", "Runtime", "Log"] {
            browser.call(&format!("{domain}.enable"), json!({})).await;
        }
        Some(browser)
    }

    async fn call(&mut self, method: &str, params: Value) -> Value {
        self.last += 1;
        let mut request = json!({ "id": self.last, "method": method, "params": params });
        if let Some(session) = &self.session {
            request["sessionId"] = json!(session);
        }
        let request = Message::text(request.to_string());
        self.socket.send(request).await.expect("it listens");
        loop {
            let message = self.socket.next().await.expect("it answers");
            let Message::Text(text) = message.expect("it answers") else {
                continue;
            };
            let mut message: Value = serde_json::from_str(&text).expect("it speaks JSON");
            if message["id"] == self.last {
                assert!(message["error"].is_null(), "{method}: {message}");
                return message["result"].take();
            }
            match message["method"].as_str() {
                Some("Page.javascriptDialogOpening" | "Runtime.exceptionThrown") => {
                    self.complaints.push(message.to_string());
                }
                Some("Log.entryAdded") if message["params"]["entry"]["level"] == "error" => {
                    self.complaints.push(message.to_string());
                }
                _ => {}
            }
        }
    }

    pub(crate) async fn open(&mut self, url: &str) {
        self.call("Page.navigate", json!({ "url": url })).await;
    }

    /// The value of an expression in the page.
    pub(crate) async fn eval(&mut self, expression: &str) -> Value {
        let params = json!({ "expression": expression, "returnByValue": true });
        let mut result = self.call("Runtime.evaluate", params).await;
        assert!(result["exceptionDetails"].is_null(), "{result}");
        result["result"]["value"].take()
    }

    /// Waits until an expression in the page is true; says what there is instead when that takes far too long.
    pub(crate) async fn until(&mut self, expression: &str) {
        let began = Instant::now();
        while self.eval(expression).await != true {
            if began.elapsed() > Duration::from_secs(120) {
                let page = self.eval("document.body.innerText").await;
                panic!(
                    "not within two minutes: {expression}\n{page}\n{:?}",
                    self.complaints
                );
            }
        }
    }

    /// Presses a key that writes a character.
    pub(crate) async fn press(&mut self, key: &str) {
        for kind in ["keyDown", "keyUp"] {
            let mut params = json!({ "type": kind, "key": key });
            if kind == "keyDown" && key.len() == 1 {
                params["text"] = json!(key);
            }
            self.call("Input.dispatchKeyEvent", params).await;
        }
    }

    /// What the page looks like, for people: in light or dark, so many pixels wide.
    pub(crate) async fn picture(&mut self, path: &Path, scheme: &str, width: u32) {
        let size =
            json!({ "width": width, "height": 800, "deviceScaleFactor": 1, "mobile": false });
        self.call("Emulation.setDeviceMetricsOverride", size).await;
        let media = json!({ "features": [{ "name": "prefers-color-scheme", "value": scheme }] });
        self.call("Emulation.setEmulatedMedia", media).await;
        let picture = self
            .call("Page.captureScreenshot", json!({ "format": "png" }))
            .await;
        let picture = picture["data"].as_str().expect("a picture");
        std::fs::write(path, decode(picture)).expect("a file");
    }
}

impl Drop for Browser {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

/// Base64.
fn decode(text: &str) -> Vec<u8> {
    let mut bytes = Vec::with_capacity(text.len() / 4 * 3);
    let (mut kept, mut bits) = (0_u32, 0);
    for char in text.bytes() {
        let value = match char {
            b'A'..=b'Z' => char - b'A',
            b'a'..=b'z' => char - b'a' + 26,
            b'0'..=b'9' => char - b'0' + 52,
            b'+' => 62,
            b'/' => 63,
            _ => break,
        };
        kept = kept << 6 | u32::from(value);
        bits += 6;
        if bits >= 8 {
            bits -= 8;
            bytes.push(u8::try_from(kept >> bits).expect("eight bits"));
            kept &= (1 << bits) - 1;
        }
    }
    bytes
}

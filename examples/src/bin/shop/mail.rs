//! Confirmations: a queue, and the worker that empties it.

use crate::shop::reply;
use metrics::counter;
use rejoin::{guarded, task_group};
use tokio::sync::mpsc;

pub(crate) struct Mail {
    to: String,
}

/// What became of a mail.
enum Outcome {
    Sent,
    Broken,
}

impl Mail {
    /// For the queue.
    pub(crate) fn new(to: &str) -> Self {
        counter!("shop_mails_queued_total").increment(1);
        Self { to: to.to_owned() }
    }
}

/// Opens a queue that holds so many mails, and starts its worker.
#[guarded(on_panic = "unwind", name = "mailer")]
pub(crate) fn open(places: usize) -> mpsc::Sender<Mail> {
    let (mails, queue) = mpsc::channel(places.max(1));
    tokio::spawn(send_all(queue));
    mails
}

/// Eight mails at a time. It ends when nobody is left who could queue another one and all are sent, and not before: it does
/// not look at the shutdown.
#[task_group(limit = 8)]
async fn send_all(mut queue: mpsc::Receiver<Mail>) {
    while let Some(mail) = queue.recv().await {
        tokio::spawn(async {
            let outcome = match send(mail).await {
                Outcome::Sent => "sent",
                Outcome::Broken => "broken",
            };
            counter!("shop_mails_total", "outcome" => outcome).increment(1);
        });
    }
}

/// Stands for the mail server. A bug: it expects an address. The next mail is sent all the same.
#[guarded(or = Outcome::Broken)]
async fn send(mail: Mail) -> Outcome {
    let (_name, _server) = mail.to.split_once('@').expect("an address");
    reply().await;
    Outcome::Sent
}

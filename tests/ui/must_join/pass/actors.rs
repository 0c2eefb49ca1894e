//! Actors: a mailbox, a task, and somebody who holds it.
use std::collections::VecDeque;

use tokio::sync::{mpsc, oneshot};
use tokio::task::{JoinError, JoinHandle};

enum Message {
    Add(u32),
    Get(oneshot::Sender<u32>),
    Stop,
}

async fn account(mut mailbox: mpsc::Receiver<Message>) -> u32 {
    let mut sum = 0;
    while let Some(message) = mailbox.recv().await {
        match message {
            Message::Add(amount) => sum += amount,
            Message::Get(answer) => {
                let _ = answer.send(sum);
            }
            Message::Stop => break,
        }
    }
    sum
}

struct Actor {
    mailbox: mpsc::Sender<Message>,
    task: JoinHandle<u32>,
}

impl Actor {
    #[rejoin::must_join]
    fn spawn() -> Self {
        let (mailbox, inbox) = mpsc::channel(8);
        let task = tokio::spawn(account(inbox));
        Self { mailbox, task }
    }

    async fn stop(self) -> Result<u32, JoinError> {
        let _ = self.mailbox.send(Message::Stop).await;
        self.task.await
    }
}

/// Asks, and joins in any case.
#[rejoin::must_join]
async fn ask_once() -> Result<u32, JoinError> {
    let (mailbox, inbox) = mpsc::channel(8);
    let actor = tokio::spawn(account(inbox));
    let (answer, answered) = oneshot::channel();
    let asked = async {
        mailbox.send(Message::Add(5)).await.ok()?;
        mailbox.send(Message::Get(answer)).await.ok()?;
        answered.await.ok()
    }
    .await;
    drop(mailbox);
    let sum = actor.await?;
    Ok(asked.unwrap_or(sum))
}

/// Starts its child anew until it ends well.
#[rejoin::must_join]
async fn supervise(mut lives: u32) -> Result<u32, JoinError> {
    loop {
        let child = tokio::spawn(async move {
            assert!(lives < 2, "not yet");
            lives
        });
        match child.await {
            Ok(answer) => return Ok(answer),
            Err(error) if lives == 0 || error.is_cancelled() => return Err(error),
            Err(_) => lives -= 1,
        }
    }
}

/// Watches two actors; when one ends the other is stopped.
#[rejoin::must_join]
async fn one_for_all() -> (bool, bool) {
    let (first_in, first_out) = mpsc::channel(1);
    let (second_in, second_out) = mpsc::channel(1);
    let mut first = tokio::spawn(account(first_out));
    let mut second = tokio::spawn(account(second_out));
    let _ = first_in.send(Message::Stop).await;
    tokio::select! {
        first = &mut first => {
            drop(second_in);
            (first.is_ok(), second.await.is_ok())
        }
        second = &mut second => {
            drop(first_in);
            (first.await.is_ok(), second.is_ok())
        }
    }
}

/// A parent with children in a queue, the oldest retired first.
#[derive(Default)]
struct Parent {
    children: VecDeque<JoinHandle<u32>>,
}

impl Parent {
    #[rejoin::must_join]
    async fn adopt(&mut self, value: u32) -> Option<u32> {
        self.children.push_back(tokio::spawn(async move { value }));
        if self.children.len() > 2
            && let Some(oldest) = self.children.pop_front()
        {
            return oldest.await.ok();
        }
        None
    }

    #[rejoin::must_join]
    async fn retire(&mut self) -> u32 {
        let mut sum = 0;
        while let Some(child) = self.children.pop_front() {
            sum += child.await.unwrap_or(0);
        }
        sum
    }
}

/// A reply that is computed in a task of its own; the mailbox goes on meanwhile.
#[rejoin::must_join]
async fn with_replies(mut mailbox: mpsc::Receiver<(u32, oneshot::Sender<u32>)>) -> usize {
    let mut replies = tokio::task::JoinSet::new();
    while let Some((question, answer)) = mailbox.recv().await {
        replies.spawn(async move { answer.send(question * 2).is_ok() });
        while replies.try_join_next().is_some() {}
    }
    replies
        .join_all()
        .await
        .into_iter()
        .filter(|&sent| sent)
        .count()
}

#[tokio::test]
async fn actors_answer() {
    let actor = Actor::spawn();
    actor.mailbox.send(Message::Add(2)).await.unwrap();
    assert_eq!(actor.stop().await.unwrap(), 2);
    assert_eq!(ask_once().await.unwrap(), 5);
    assert_eq!(supervise(2).await.unwrap(), 1);
    assert_eq!(one_for_all().await, (true, true));
    let mut parent = Parent::default();
    for value in 1..=3 {
        parent.adopt(value).await;
    }
    assert_eq!(parent.retire().await, 5);
    let (asks, mailbox) = mpsc::channel(1);
    let (count, ()) = tokio::join!(with_replies(mailbox), async move {
        let (answer, answered) = oneshot::channel();
        asks.send((1, answer)).await.unwrap();
        assert_eq!(answered.await, Ok(2));
    });
    assert!(count <= 1);
}

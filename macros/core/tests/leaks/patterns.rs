//! A binding joins nothing, whatever the pattern is nested in.

use super::{accepts, refuses};

#[test]
fn a_handle_that_a_pattern_binds_has_to_be_joined() {
    refuses(&[
        (
            "let mut last = None; loop { if let Some((h, _)) = last { send()?; h.await; } last = Some((tokio::spawn(a()), now())); }",
            &["`?` returns early here"],
        ),
        (
            "let mut last = None; loop { if let Some((h, started)) = last.take() { log(started); send()?; h.await; } last = Some((tokio::spawn(a()), now())); }",
            &["`?` returns early here"],
        ),
        (
            "let pair = (tokio::spawn(a()), 1); let (h, n) = pair; f(n)?; h.await;",
            &["`?` returns early here"],
        ),
        (
            "let pair = (tokio::spawn(a()), tokio::spawn(b())); let (g, h) = pair; g.await; f()?; h.await;",
            &["`?` returns early here"],
        ),
        (
            "let pair = (tokio::spawn(a()), 1); let (_, n) = pair;",
            &["the function ends here"],
        ),
        (
            "let pair = (1, (2, tokio::spawn(a()))); match pair { (_, (n, h)) => { f(n)?; h.await; } }",
            &["`?` returns early here"],
        ),
        (
            "let pair = [tokio::spawn(a()), tokio::spawn(b())]; let [g, h] = pair; send()?; g.await; h.await;",
            &["`?` returns", "`?` returns"],
        ),
        (
            "match Some(tokio::spawn(a())) { Some(h) => { send()?; h.await; } None => {} }",
            &["`?` returns early here"],
        ),
        (
            "let pair = (tokio::spawn(a()), tokio::spawn(b())); pair.0.await; ",
            &["the function ends here"],
        ),
        (
            "let mut hs = vec![]; hs.push((tokio::spawn(a()), 1)); for (h, n) in hs { f(n)?; h.await; }",
            &["`?` returns early here"],
        ),
        (
            "let (h, ..) = (tokio::spawn(a()), tokio::spawn(b())); h.await;",
            &["dropped at once"],
        ),
        (
            "let Pair { left, .. } = Pair { left: 1, right: tokio::spawn(a()) };",
            &["dropped at once"],
        ),
        (
            "let Pair { left, .. } = Pair { left: tokio::spawn(a()), right: tokio::spawn(b()) }; left.await;",
            &["dropped at once"],
        ),
    ]);
    accepts(&[
        "let mut last = None; loop { if let Some((h, _)) = last.take() { h.await; } if c { break; } last = Some((tokio::spawn(a()), now())); }",
        "let pair = (tokio::spawn(a()), tokio::spawn(b())); let (g, h) = pair; g.await; h.await;",
        "let pair = (tokio::spawn(a()), 1); let (h, _) = pair; h.await;",
        "let pair = (tokio::spawn(a()), 1); let (_, n) = pair; pair.0.await;",
        "let pair = (tokio::spawn(a()), tokio::spawn(b())); pair.0.await; pair.1.await;",
        "let pair = (1, (2, tokio::spawn(a()))); match pair { (_, (n, h)) => { h.await; } }",
        "let pair = [tokio::spawn(a()), tokio::spawn(b())]; let [g, h] = pair; g.await; h.await;",
        "let Pair { left, right } = Pair { left: 1, right: tokio::spawn(a()) }; right.await;",
        "let Pair { right, .. } = Pair { left: 1, right: tokio::spawn(a()) }; right.await;",
        "let pair = Pair { left: 1, right: tokio::spawn(a()) }; let Pair { left, .. } = pair; pair.right.await;",
        "let t = match x { 1 => Some((tokio::spawn(a()), 1)), _ => None }; if let Some((h, _)) = t { h.await; }",
        "if let Some((h, n)) = Some((tokio::spawn(a()), 1)) { h.await; }",
        "match Event::Task(tokio::spawn(a())) { Event::Task(h) => h.await, Event::Other => {} }",
        "let t = (tokio::spawn(a()), 1); f(t);",
        "let t = (tokio::spawn(a()), 1); return Ok(t);",
    ]);
}

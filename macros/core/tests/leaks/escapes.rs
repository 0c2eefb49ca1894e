//! Handles that leave a function whose group owns the task.

use rejoin_macros_core::leak::report::escapes_of;
use rejoin_macros_core::scan::Around;

/// The place of the spawn and of the exit, and the text, of each.
fn of(source: &str) -> Vec<(usize, usize, String)> {
    let function = syn::parse_str(source).expect("a function");
    escapes_of(&function, Around::Nothing)
        .into_iter()
        .map(|escape| {
            let text = format!("{} | {}", escape.message, escape.exit_message);
            (
                escape.spawn.start().column,
                escape.exit.start().column,
                text,
            )
        })
        .collect()
}

#[test]
fn a_handle_that_is_returned_escapes() {
    for body in [
        "tokio::spawn(serve())",
        "let h = tokio::spawn(serve()); h",
        "let h = tokio::spawn(serve()); return h;",
        "(addr, tokio::spawn(serve()))",
        "let h = tokio::spawn(serve()); Ok((addr, h))",
        "let h = tokio::spawn(serve()); Ok(Server { addr, h })",
        "let server = Server { addr, h: tokio::spawn(serve()) }; Ok(server)",
        "Some(tokio::spawn(serve()))",
        "if c { return Ok(tokio::spawn(serve())); } Err(e)",
        "let mut hs = vec![]; hs.push(tokio::spawn(serve())); hs",
        "let h = tokio::spawn(serve()); if c { h.await?; return Err(e); } Ok(h)",
        "match x { 1 => Some(tokio::spawn(serve())), _ => None }",
        "let mut s = Server::default(); s.task = Some(tokio::spawn(serve())); s",
        "let mut s = Server::default(); if c { s.inner.task = Some(tokio::spawn(serve())); } s.port = 1; Ok(s)",
    ] {
        let found = of(&format!("async fn f() -> T {{ {body} }}"));
        assert_eq!(found.len(), 1, "{body}: {found:?}");
        let text = &found[0].2;
        for word in [
            "is returned",
            "has ended before anybody could use the handle",
            "never returns",
            "rejoin::root().spawn(…)",
            "rejoin::detach",
            "`#[guarded]`",
            "make the caller the owner",
        ] {
            assert!(text.contains(word), "{text}");
        }
    }
}

#[test]
fn a_handle_that_is_stored_behind_an_argument_escapes() {
    for body in [
        "self.task = Some(tokio::spawn(serve()));",
        "self.task = Some(tokio::spawn(serve())); Ok(())",
        "self.tasks.push(tokio::spawn(serve()));",
        "self.tasks.lock().unwrap().insert(id, tokio::spawn(serve()));",
        "self.tasks.lock().await.push(tokio::spawn(serve())); f()?; Ok(())",
        "let h = tokio::spawn(serve()); self.other.len(); self.task.replace(h);",
        "*slot = Some(tokio::spawn(serve()));",
        "all.push(tokio::spawn(serve()));",
        "state.tasks.lock().push(tokio::spawn(serve()));",
        "for x in xs { self.tasks.push(tokio::spawn(serve(x))); }",
        "let this = self; this.task = Some(tokio::spawn(serve()));",
        "all.extend((0..2).map(|_| tokio::spawn(serve())));",
    ] {
        let source = format!(
            "async fn f(&mut self, slot: &mut Option<H>, all: &mut Vec<H>, state: Arc<S>, own: Vec<H>) {{ {body} }}"
        );
        let found = of(&source);
        assert_eq!(found.len(), 1, "{body}: {found:?}");
        assert!(found[0].2.contains("stored behind an argument here"));
        assert!(found[0].0 < source.len());
    }
}

#[test]
fn a_handle_that_is_joined_inside_or_passed_on_is_no_escape() {
    for body in [
        "tokio::spawn(serve());",
        "tokio::spawn(serve()).await",
        "let h = tokio::spawn(serve()); h.await?; Ok(())",
        "registry.keep(tokio::spawn(serve()));",
        "Server::new(tokio::spawn(serve()))",
        "let h = tokio::spawn(serve()); Ok(wrap(h))",
        "let h = tokio::spawn(serve()); let a = h.abort_handle(); h.await; a",
        "self.task = Some(tokio::spawn(serve())); self.stop().await;",
        "self.task = Some(tokio::spawn(serve())); if let Some(h) = self.task.take() { h.await; }",
        "self.tasks.push(tokio::spawn(serve())); for h in self.tasks.drain(..) { h.await; }",
        "self.tasks.push(tokio::spawn(serve())); join_all(&mut self.tasks).await;",
        "self.task = Some(tokio::spawn(serve())); finish(self).await",
        "self.task = Some(tokio::spawn(serve())); custom!(self)",
        "own.push(tokio::spawn(serve())); join_all(own).await;",
        "root().spawn(serve())",
        "rejoin::detach(tokio::spawn(serve()), \"why\")",
        "let f = || tokio::spawn(serve()); f().await",
        "tokio::spawn(async { return tokio::spawn(serve()) }).await.unwrap().await",
        "let start = async { tokio::spawn(serve()) }; start.await.await",
        "self.task = Some(tokio::spawn(serve())); self.task.as_mut().unwrap().await",
        "let h = self.task.insert(tokio::spawn(serve())); h.await",
        "self.task = Some(tokio::spawn(serve())); let h = self.task.as_mut().unwrap(); h.await",
        "self.task = Some(tokio::spawn(serve())); tokio::select! { r = self.task.as_mut().unwrap() => r, _ = x() => y }",
        "let mut s = Server::default(); s.task = Some(tokio::spawn(serve())); s.run().await; s",
        "let mut s = Server::default(); s.task = Some(tokio::spawn(serve())); if let Some(h) = s.task.take() { h.await; } s",
        "let mut s = Server::default(); s.task = Some(tokio::spawn(serve()));",
    ] {
        let found = of(&format!(
            "async fn f(&mut self, mut own: Vec<H>) {{ {body} }}"
        ));
        assert!(found.is_empty(), "{body}: {found:?}");
    }
}

#[test]
fn a_handle_in_a_struct_by_value_escapes_with_it() {
    let source = "async fn f(mut self) -> Self { self.task = Some(tokio::spawn(serve())); self }";
    assert_eq!(of(source).len(), 1);
    let source =
        "async fn f(mut s: S) -> S { s.task = Some(tokio::spawn(serve())); s.stop().await; s }";
    assert_eq!(of(source).len(), 0);
}

#[test]
fn the_body_of_async_trait_is_read() {
    let source = "fn start<'a>(&'a mut self) -> Pin<Box<dyn Future<Output = T> + Send + 'a>> { Box::pin(async move { let __self = self; let __ret: T = { __self.port = 1; tokio::spawn(serve()) }; __ret }) }";
    assert_eq!(of(source).len(), 1);
    let source = "fn start<'a>(&'a mut self) -> Pin<Box<dyn Future<Output = ()> + Send + 'a>> { Box::pin(async move { let __self = self; let () = { __self.task = Some(tokio::spawn(serve())); }; }) }";
    assert_eq!(of(source).len(), 1);
}

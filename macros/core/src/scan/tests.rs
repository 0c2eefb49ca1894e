//! What the scan finds in small bodies: each spawn as `kind` and how its value is kept.

use syn::ImplItemFn;

use super::sites::{Callee, Disposition, Kind};
use super::{Around, Resolver};
use super::{Sites, scan};

fn sites(body: &str) -> Sites {
    let source = format!("async fn f(&self, x: X) -> R {{ {body} }}");
    let mut function: ImplItemFn =
        syn::parse_str(&source).unwrap_or_else(|error| panic!("{error}: {source}"));
    scan(
        &mut function,
        &mut Resolver::new(None, Around::Nothing),
        false,
    )
}

/// `H` for a held spawn, `U` for a discarded one that can be `()`, `T` for a discarded one in a place with a type; before
/// it `l`, `b`, `t` for what is not a task, and `m` for a method.
fn found(body: &str) -> String {
    let texts = sites(body)
        .iter()
        .map(|(_, site)| {
            let method = if let Callee::Method(_) = site.callee {
                "m"
            } else {
                ""
            };
            let kind = match site.kind {
                Kind::Task => "",
                Kind::Local => "l",
                Kind::Blocking => "b",
                Kind::Thread => "t",
            };
            let kept = match site.disposition {
                Disposition::Held => "H",
                Disposition::Discarded { unit: true } => "U",
                Disposition::Discarded { unit: false } => "T",
            };
            format!("{method}{kind}{kept}")
        })
        .collect::<Vec<_>>();
    texts.join(" ")
}

#[track_caller]
fn check(rows: &[(&str, &str)]) {
    let wrong: Vec<_> = rows
        .iter()
        .filter(|(body, expected)| found(body) != *expected)
        .map(|(body, expected)| format!("{body}\n  is {:?}, and not {expected:?}", found(body)))
        .collect();
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn a_spawn_is_known_by_its_path() {
    check(&[
        ("tokio::spawn(f);", "U"),
        ("::tokio::task::spawn(f);", "U"),
        (
            "g(tokio::task::spawn_local(f), tokio::task::spawn_blocking(h))",
            "lH bH",
        ),
        ("let a = std::thread::spawn(h); a.join()", "tH"),
        ("rejoin::spawn(f).await", "H"),
        ("tokio::spawn::<F>(f).await", "H"),
        ("tokio::runtime::Handle::current().spawn(f);", "U"),
        (
            "use tokio::runtime::Handle; Handle::current().spawn_blocking(f);",
            "bU",
        ),
        ("use tokio::task; task::spawn(f);", "U"),
        (
            "use tokio::{spawn as go, task::{self, spawn_blocking}}; go(f); task::spawn(f); spawn_blocking(h);",
            "U U bU",
        ),
        ("use tokio as t; t::spawn(f);", "U"),
    ]);
}

#[test]
fn a_false_friend_is_left_alone() {
    check(&[
        ("spawn(f);", ""),
        ("task::spawn(f);", ""),
        ("Actor::spawn(f);", ""),
        ("T::spawn(f);", ""),
        ("crate::spawn(f);", ""),
        ("smol::spawn(f);", ""),
        ("command.spawn();", ""),
        ("scope.spawn(|| f);", ""),
        ("scope.spawn(move |s| f);", ""),
        ("scope.spawn_blocking(|s| f);", ""),
        ("make().spawn(f);", ""),
        ("tokio::spawn(a, b);", ""),
        ("tokio::spawn::<F>::x(f);", ""),
        ("let f = tokio::spawn;", ""),
        ("quote!(tokio::spawn(f));", ""),
        ("stringify!(tokio::spawn(f));", ""),
        ("fn g() { tokio::spawn(f); }", ""),
        ("use tokio::spawn; let spawn = g; spawn(f);", ""),
        ("use tokio::spawn; { fn spawn(f: F) {} spawn(f); }", ""),
        ("use tokio::spawn; let g = |spawn| spawn(f);", ""),
        ("mod tokio { } tokio::spawn(f);", ""),
        ("set.spawn((&&&p).__rejoin_edge(SITE, f));", ""),
    ]);
}

#[test]
fn a_method_is_a_spawn_by_the_type_of_its_receiver() {
    check(&[
        ("set.spawn(f);", "mU"),
        ("self.rt.spawn(f);", "mU"),
        ("let h = self.rt.spawn(f); h.await", "mH"),
        ("set.spawn_on(f, &handle);", "mU"),
        ("set.spawn_blocking(|| f());", "mbU"),
        ("set.spawn_blocking(move || tokio::spawn(g));", "mbU T"),
        ("local.spawn_local(f);", "mlU"),
        ("if a { set.spawn(f) } else { set.spawn(g) };", "mT mT"),
        ("let _ = tracker.spawn(f);", "mU"),
        ("let _: JoinHandle<()> = tracker.spawn(f);", "mT"),
        ("pool.spawn(Job(&String::from(\"x\"))).0.len()", "mH"),
    ]);
}

#[test]
fn a_value_that_nothing_can_observe_is_discarded() {
    check(&[
        ("let _ = tokio::spawn(f);", "U"),
        ("_ = tokio::spawn(f);", "U"),
        ("drop(tokio::spawn(f));", "U"),
        ("std::mem::drop(tokio::spawn(f));", "U"),
        ("use std::mem; mem::drop(tokio::spawn(f));", "U"),
        (
            "use core::mem::drop as let_go; let_go(tokio::spawn(f));",
            "U",
        ),
        ("use std::mem; mem::forget(tokio::spawn(f));", "U"),
        ("let _task = tokio::spawn(f); g();", "U"),
        ("let _t = tokio::spawn(f); let _t = tokio::spawn(f);", "U U"),
        ("let _: JoinHandle<_> = tokio::spawn(f);", "T"),
        ("let _h: JoinHandle<_> = tokio::spawn(f);", "T"),
        ("let (_, _) = (tokio::spawn(f), 1);", "T"),
        ("let (_, a) = (tokio::spawn(f), 1); a", "T"),
        ("let (_h, a) = (tokio::spawn(f), 1); a", "T"),
        (
            "let (.., a) = (tokio::spawn(f), tokio::spawn(g), 1); a",
            "T T",
        ),
        (
            "let [_, a] = [tokio::spawn(f), tokio::spawn(g)]; a.await",
            "T H",
        ),
        ("let S { h: _, a } = S { h: tokio::spawn(f), a: 1 }; a", "T"),
        ("let S { a, .. } = S { h: tokio::spawn(f), a: 1 }; a", "T"),
        ("let Some(_) = Some(tokio::spawn(f)) else { return };", "T"),
        ("if let Some(_) = Some(tokio::spawn(f)) {}", "T"),
        ("if let Ok(_h) = Ok(tokio::spawn(f)) { g(); }", "T"),
        ("match tokio::spawn(f) { _ => {} }", "T"),
        ("let _ = loop { break tokio::spawn(f) };", "T"),
        (
            "let _ = 'a: { if c { break 'a tokio::spawn(f); } tokio::spawn(g) };",
            "T T",
        ),
        ("loop { break tokio::spawn(f) };", "T"),
        ("let _ = &tokio::spawn(f);", "T"),
        ("let _ = Box::new(tokio::spawn(f));", "T"),
        ("Some(tokio::spawn(f));", "T"),
        ("(tokio::spawn(f), 1).1", "T"),
        ("(_, x) = (tokio::spawn(f), 1);", "T"),
        ("{ tokio::spawn(f) };", "U"),
        ("if a { tokio::spawn(f) } else { tokio::spawn(g) };", "U U"),
        ("if a { tokio::spawn(f) } else { h };", "T"),
        (
            "let _ = if a { tokio::spawn(f) } else { tokio::spawn(g) };",
            "U U",
        ),
        (
            "match a { A => tokio::spawn(f), B => return, C => { tokio::spawn(g) } };",
            "U U",
        ),
        ("match a { A => tokio::spawn(f), B => other() };", "T"),
        ("match m { A => _ = tokio::spawn(f), B => {} }", "U"),
        ("match m { A => drop(tokio::spawn(f)), B => {} }", "U"),
        ("(tokio::spawn(f));", "U"),
        (
            "#[cfg(a)] tokio::spawn(f); #[cfg(not(a))] tokio::spawn(g);",
            "U U",
        ),
        ("loop { tokio::spawn(f); }", "U"),
        ("for x in y { tokio::spawn(f(x)); }", "U"),
    ]);
}

#[test]
fn a_value_of_a_closure_or_a_macro_that_nothing_can_observe_is_discarded() {
    check(&[
        ("x.map(|x| tokio::spawn(f(x)));", "T"),
        ("let _ = cond.then(|| tokio::spawn(f));", "T"),
        ("let _ = cond.then_some(tokio::spawn(f));", "T"),
        (
            "let _all: Vec<_> = xs.into_iter().map(|x| tokio::spawn(f(x))).collect(); g();",
            "T",
        ),
        (
            "xs.iter().map(|x| tokio::spawn(f(x))).collect::<Vec<_>>();",
            "T",
        ),
        ("if let Some(_) = x.map(|_| tokio::spawn(f)) {}", "T"),
        ("if let Err(e) = x.map(|_| tokio::spawn(f)) { g(e); }", "T"),
        (
            "let Some(_) = x.and_then(|_| Some(tokio::spawn(f))) else { return };",
            "T",
        ),
        ("x.ok_or(E).map(|_| tokio::spawn(f))?;", "T"),
        ("Some(tokio::spawn(f))?;", "T"),
        ("x.map(|_| tokio::spawn(f)).unwrap();", "T"),
        (
            "tokio::select! { _ = async { tokio::spawn(f) } => {} _h = async { tokio::spawn(g) } => {} }",
            "T T",
        ),
        ("(|| tokio::spawn(f))();", "T"),
        ("async { tokio::spawn(f) }.await;", "T"),
        ("let _ = vec![tokio::spawn(f)];", "T"),
        ("tokio::spawn(async { tokio::spawn(f) });", "U T"),
        (
            "select! { _ = a => drop(tokio::spawn(f)), _ = b => {} }",
            "U",
        ),
        (
            "tokio::select! { _ = a => tokio::spawn(f), _ = b => tokio::spawn(g) };",
            "T T",
        ),
        (
            "tokio::select! { _ = a => { tokio::spawn(f); } else => { drop(tokio::spawn(g)) } }",
            "U U",
        ),
        ("dbg!(tokio::spawn(f));", "T"),
    ]);
}

#[test]
fn a_value_that_something_takes_is_held() {
    check(&[
        (
            "let all: Vec<_> = xs.map(|x| tokio::spawn(f(x))).collect(); join_all(all).await;",
            "H",
        ),
        (
            "if let Some(h) = x.map(|_| tokio::spawn(f)) { h.await; }",
            "H",
        ),
        ("let h = x.ok_or(E).map(|_| tokio::spawn(f))?; h.await", "H"),
        ("x.map(|_| tokio::spawn(f)).map(|h| keep(h));", "H"),
        ("let h = x.map(|_| tokio::spawn(f)).unwrap(); h.await", "H"),
        (
            "tokio::select! { h = async { tokio::spawn(f) } => h.await }",
            "H",
        ),
        ("Err(tokio::spawn(f))?;", "H"),
        ("let h = tokio::spawn(f); h.await", "H"),
        ("tokio::spawn(f)", "H"),
        ("return tokio::spawn(f);", "H"),
        ("let _h = tokio::spawn(f); _h.await", "H"),
        ("let _h = tokio::spawn(f); println!(\"{_h:?}\");", "H"),
        ("let (h, _) = (tokio::spawn(f), 1); h.await", "H"),
        (
            "let all @ [_, _] = [tokio::spawn(f), tokio::spawn(g)]; all",
            "H H",
        ),
        ("let pair = (tokio::spawn(f), 1); pair", "H"),
        ("let (_, x) = { let h = tokio::spawn(f); (h, 1) }; x", "H"),
        (
            "let Some(h) = Some(tokio::spawn(f)) else { return }; h.await",
            "H",
        ),
        ("if let Some(h) = Some(tokio::spawn(f)) { h.await }", "H"),
        (
            "match Some(tokio::spawn(f)) { Some(h) => h.await, None => {} }",
            "H",
        ),
        ("let h = loop { break tokio::spawn(f) }; h", "H"),
        ("let h = 'a: { break 'a tokio::spawn(f) }; h", "H"),
        ("handles.push(tokio::spawn(f));", "H"),
        ("tokio::spawn(f).await;", "H"),
        ("tokio::spawn(f).abort();", "H"),
        ("let x = S { h: tokio::spawn(f) };", "H"),
        ("S { h: tokio::spawn(f) };", "H"),
        ("keep(tokio::spawn(f));", "H"),
        ("let v = vec![tokio::spawn(f)]; v", "H"),
        ("join!(tokio::spawn(f), tokio::spawn(g));", "H H"),
        (
            "let hs: Vec<_> = xs.map(|x| tokio::spawn(f(x))).collect(); hs",
            "H",
        ),
        ("xs.iter().map(|x| tokio::spawn(f(x)))", "H"),
        ("tokio::select! { r = tokio::spawn(f) => r, }", "H"),
        (
            "let h = tokio::select! { _ = a => tokio::spawn(f), _ = b => tokio::spawn(g) }; h",
            "H H",
        ),
        (
            "let h = tokio::spawn(async { tokio::spawn(f) }); h.await",
            "H H",
        ),
        ("self.h = tokio::spawn(f);", "H"),
        ("let g = || tokio::spawn(f); g()", "H"),
        ("let mut h; h = tokio::spawn(f); h", "H"),
        ("&tokio::spawn(f)", "H"),
        ("let (a, ..) = (tokio::spawn(f), 1); a", "H"),
        ("drop((tokio::spawn(f), h));", "T"),
    ]);
}

#[test]
fn a_local_hides_an_import_from_where_it_is_bound() {
    check(&[
        ("use tokio::spawn; spawn(f); let spawn = g; spawn(f);", "U"),
        (
            "use tokio::spawn; { let spawn = g; spawn(f); } spawn(f);",
            "U",
        ),
        (
            "use tokio::spawn; if let Some(spawn) = g { spawn(f); } else { spawn(h); }",
            "U",
        ),
        (
            "use tokio::spawn; match g { Some(spawn) => spawn(f), None => { spawn(h); } }",
            "U",
        ),
        (
            "use tokio::spawn; for spawn in g { spawn(f); } spawn(h);",
            "U",
        ),
        (
            "use tokio::spawn; println!(\"{}\", { let spawn = |x| x; spawn(f) }); spawn(h);",
            "U",
        ),
    ]);
}

#[test]
fn a_site_knows_its_conditions_and_what_captures_it() {
    let sites = sites(
        "#[cfg(a)] { match m { #[cfg(b)] A => { tokio::spawn(f); } } } \
         let g = async move { tokio::spawn(f); }; let h = || { tokio::spawn(f); };",
    );
    let of: Vec<_> = sites
        .iter()
        .map(|(_, site)| (site.cfgs.len(), site.captured))
        .collect();
    assert_eq!(of, [(2, false), (0, false), (0, true)]);
}

#[test]
fn a_literal_without_an_output_is_plain() {
    let plain: Vec<_> = sites(
        "tokio::spawn(async { work().await; }); tokio::spawn(async { work().await }); tokio::spawn(g);",
    )
    .iter()
    .map(|(_, site)| site.plain)
    .collect();
    assert_eq!(plain, [true, false, false]);
}

#[test]
fn the_input_of_a_known_macro_is_read() {
    check(&[
        (
            "tokio::select! { a = tokio::spawn(f) => { tokio::spawn(g); } }",
            "H U",
        ),
        (
            "let (a, b) = tokio::join!(tokio::spawn(f), tokio::spawn(g));",
            "H H",
        ),
        ("let v = vec![tokio::spawn(f); 1];", "H"),
        (
            "println!(\"{:?}\", tokio::spawn(async { tokio::spawn(f); }).await);",
            "H U",
        ),
        ("select! { x = a => x, spawn = b => spawn(f) }", ""),
        (
            "use tokio::spawn; select! { x = a => x, spawn = b => spawn(f) }",
            "",
        ),
        ("other!(tokio::spawn(f));", ""),
        (
            "macro_rules! select { () => {} } select! { _ = a => tokio::spawn(f) }",
            "",
        ),
        // What is not closed is no call, and a `-` before a number no arrow.
        ("println!(tokio::spawn::<, x);", ""),
        ("println!(tokio::spawn::<F<-1>>(f));", "H"),
        ("println!(a.tokio::spawn(f), my::tokio::spawn(f));", ""),
        ("assert!(matches!(tokio::spawn::<F>(f).await, Ok(_)));", "H"),
        ("join!(tokio::runtime::Handle::current().spawn(f), g);", "H"),
        (
            "select! { a = ::tokio::runtime::Handle::current().spawn_blocking(f) => { tokio::runtime::Handle::current().spawn(g); } }",
            "bH U",
        ),
        (
            "use tokio::runtime::Handle; println!(Handle::current().spawn::<F>(f), x);",
            "H",
        ),
        (
            "println!(tokio::runtime::Handle::current().block_on(f));",
            "",
        ),
        (
            "println!(tokio::runtime::Handle::current().spawn(f, g));",
            "",
        ),
        ("println!(tokio::runtime::Handle::current());", ""),
        ("println!(tokio::runtime::Handle::current().spawn);", ""),
    ]);
}

#[test]
fn a_limit_waits_before_the_innermost_statement() {
    let places = |body: &str| {
        let source = format!("async fn f() {{ {body} }}");
        let mut function: ImplItemFn = syn::parse_str(&source).unwrap();
        scan(
            &mut function,
            &mut Resolver::new(None, Around::Nothing),
            true,
        );
        quote::quote!(#function).to_string()
    };
    let place = "__rejoin_place ! () ;";
    for (body, count) in [
        ("tokio::spawn(f); g();", 1),
        ("for x in y { g(); tokio::spawn(f); }", 1),
        ("let a = (tokio::spawn(f), tokio::spawn(g));", 1),
        ("if a { tokio::spawn(f); } else { tokio::spawn(g); }", 2),
        ("let h: Vec<_> = x.map(|x| tokio::spawn(x)).collect();", 0),
        ("let b = async { tokio::spawn(f); };", 0),
        ("tokio::select! { a = b => { tokio::spawn(f); } }", 1),
        ("std::thread::spawn(h);", 0),
        ("set.spawn(f);", 0),
    ] {
        let text = places(body);
        assert_eq!(text.matches(place).count(), count, "{text}");
    }
    let text = places("for x in y { g(); #[cfg(a)] tokio::spawn(f); }");
    assert!(
        text.contains(&format!("g () ; # [cfg (a)] {place}")),
        "{text}"
    );
}

#[test]
fn a_site_is_where_the_spawn_is_written() {
    let source = "async fn f() {\n    let _ = 1;\n    tokio::spawn(work());\n}";
    let mut function: ImplItemFn = syn::parse_str(source).unwrap();
    let sites = scan(
        &mut function,
        &mut Resolver::new(None, Around::Nothing),
        false,
    );
    let (_, site) = sites.iter().next().unwrap();
    let place = |span: proc_macro2::Span| (span.start().line, span.start().column);
    assert_eq!((place(site.span.0), place(site.span.1)), ((3, 4), (3, 11)));
}

//! The form of small bodies: its places, and what happens on each path through it.

use std::collections::BTreeSet;
use std::fmt::Write as _;

use proc_macro2::Span;

use rejoin_macros_core::leak::build::{Cfg, Event, Tracked, Var, build};
use rejoin_macros_core::scan::{Around, Resolver, scan};

fn read(source: &str) -> Cfg {
    let function = syn::parse_str(source).expect("a function");
    let mut function = function;
    let mut resolver = Resolver::new(None, Around::Nothing);
    let sites = scan(&mut function, &mut resolver, false);
    build(&function, &sites, &mut resolver, &Tracked::default())
}

fn place(span: Span) -> (usize, usize) {
    (span.start().line, span.start().column)
}

/// What happens to handles on each path, going round in loops twice at most.
fn paths(body: &str) -> Vec<String> {
    let cfg = read(&format!("async fn f() {{ {body} }}"));
    let mut found = BTreeSet::new();
    let mut stack = vec![(
        0,
        Vec::<(Var, usize)>::new(),
        String::new(),
        vec![0_u8; cfg.nodes.len()],
    )];
    while let Some((node, mut alive, mut told, mut visits)) = stack.pop() {
        visits[node] += 1;
        for event in &cfg.nodes[node].events {
            apply(&cfg, event, &mut alive, &mut told);
        }
        if cfg.nodes[node].next.is_empty() {
            found.insert(told.trim().to_owned());
        }
        for next in &cfg.nodes[node].next {
            if visits[*next] < 2 {
                stack.push((*next, alive.clone(), told.clone(), visits.clone()));
            }
        }
    }
    found.into_iter().collect()
}

fn apply(cfg: &Cfg, event: &Event, alive: &mut Vec<(Var, usize)>, told: &mut String) {
    match event {
        Event::Create(var, spawn) => {
            alive.push((*var, *spawn));
            let _ = write!(told, " +{spawn}");
        }
        // A collection here has one item at most.
        Event::Move(from, to)
        | Event::Put(from, to, _)
        | Event::Take(from, to, _)
        | Event::Unpack { from, to, .. } => {
            for (var, _) in alive.iter_mut().filter(|(var, _)| var == from) {
                *var = *to;
            }
        }
        Event::Copy(from, to) => {
            for (var, spawn) in alive.clone() {
                if var == *from {
                    alive.push((*to, spawn));
                }
            }
        }
        Event::Join(joined) | Event::Store(joined, _) | Event::Escape(joined, _) => {
            alive.retain(|(var, spawn)| {
                if var == joined {
                    let _ = write!(told, " -{spawn}");
                }
                var != joined
            });
        }
        Event::Clear(cleared) => alive.retain(|(var, _)| var != cleared),
        // Facts about handles are for the analysis.
        Event::Lend(_)
        | Event::Abort(_)
        | Event::Finished(_)
        | Event::Pack(..)
        | Event::Expose(_)
        | Event::Counted(_)
        | Event::Reverse(_) => {}
        Event::Drop(range, exit) => alive.retain(|(var, spawn)| {
            if range.contains(var) {
                let _ = write!(told, " {:?}:{spawn}", cfg.exits[*exit].kind);
            }
            !range.contains(var)
        }),
    }
}

#[test]
fn spawns_and_exits_stand_where_the_user_wrote_them() {
    let cfg = read(
        "async fn f() {
    let h = tokio::task::spawn(a());
    b()?;
    if c {
        return;
    }
    loop {
        let g = tokio::runtime::Handle::current().spawn(a());
        break;
    }
}",
    );
    let spawns: Vec<_> = cfg
        .spawns
        .iter()
        .map(|spawn| (place(spawn.span.0), place(spawn.span.1)))
        .collect();
    assert_eq!(spawns, [((2, 12), (2, 25)), ((8, 16), (8, 50))]);
    let exits: Vec<_> = cfg
        .exits
        .iter()
        .map(|exit| (format!("{:?}", exit.kind), place(exit.span)))
        .collect();
    for expected in [
        ("Try", (3, 7)),
        ("Return", (5, 8)),
        ("EndOfBlock", (6, 4)),
        ("Break", (9, 8)),
        ("EndOfFunction", (11, 0)),
    ] {
        let expected = (expected.0.to_owned(), expected.1);
        assert!(exits.contains(&expected), "{expected:?} in {exits:?}");
    }
}

#[test]
fn a_branch_has_a_path_for_each_side() {
    assert_eq!(
        paths("let h = tokio::spawn(a()); if c { h.await; }"),
        ["+0 -0", "+0 EndOfFunction:0"]
    );
    assert_eq!(
        paths("let h = tokio::spawn(a()); match x { A => f(h), B if g(&h) => {} _ => panic!() }"),
        ["+0", "+0 -0", "+0 EndOfFunction:0"]
    );
    assert_eq!(
        paths("let h; if c { h = tokio::spawn(a()) } else { h = tokio::spawn(b()) } h.await"),
        ["+0 -0", "+1 -1"]
    );
}

#[test]
fn an_early_exit_loses_what_is_alive() {
    assert_eq!(
        paths("let h = tokio::spawn(a()); f(h, g()?);"),
        ["+0 -0", "+0 Try:0"]
    );
    assert_eq!(
        paths("let h = tokio::spawn(a()); g()?.f(h)?;"),
        ["+0 -0", "+0 Try:0"]
    );
    assert_eq!(
        paths("'x: { let h = tokio::spawn(a()); if c { break 'x; } h.await; }"),
        ["+0 -0", "+0 Break:0"]
    );
    assert_eq!(
        paths("let h = tokio::spawn(a()); let Some(x) = y else { return h.await; }; drop(h);"),
        ["+0 -0", "+0 Dropped:0"]
    );
}

#[test]
fn a_loop_goes_round() {
    assert_eq!(
        paths("let mut h = tokio::spawn(a()); while c { h = tokio::spawn(b()); } h.await;"),
        ["+0 +1 Overwritten:0 -1", "+0 -0"]
    );
    assert_eq!(
        paths("let h = loop { if c { break tokio::spawn(a()); } }; h.await;"),
        ["+0 -0"]
    );
    // Nothing follows, and nothing is lost.
    assert_eq!(
        paths("let h = tokio::spawn(a()); loop { wait().await; }"),
        [""; 0]
    );
}

#[test]
fn a_pattern_that_fails_says_that_there_is_no_handle() {
    assert_eq!(
        paths("let h = Some(tokio::spawn(a())); if let Some(h) = h { h.await; }"),
        ["+0", "+0 -0"]
    );
    assert_eq!(
        paths("let h = Some(tokio::spawn(a())); match h { None => {} Some(_) => {} }"),
        ["+0", "+0 EndOfFunction:0"]
    );
    assert_eq!(
        paths("let (a, b) = (tokio::spawn(a()), tokio::spawn(b())); b.await; f(a);"),
        ["+0 +1 -1 -0"]
    );
}

#[test]
fn what_is_lent_is_joined_where_it_has_completed() {
    assert_eq!(
        paths("let mut h = tokio::spawn(a()); tokio::select! { _ = &mut h => {} _ = b() => {} }"),
        ["+0 -0", "+0 EndOfFunction:0"]
    );
    assert_eq!(
        paths("let mut h = tokio::spawn(a()); timeout(d, &mut h).await?;"),
        ["+0 -0", "+0 Try:0"]
    );
    assert_eq!(
        paths("let h = tokio::spawn(a()); timeout(d, h).await;"),
        ["+0 -0", "+0 Timeout:0"]
    );
}

#[test]
fn a_closure_is_read_where_it_is_written() {
    assert_eq!(
        paths("let h = tokio::spawn(a()); run(async move { if c { return; } h.await; }).await;"),
        // Where nobody runs it, it is trusted.
        ["+0", "+0 -0", "+0 ReturnOfBlock:0"]
    );
    assert_eq!(
        paths("let h = tokio::spawn(a()); run(|| h.is_finished()); h.await;"),
        ["+0", "+0 -0"]
    );
}

#[test]
fn a_name_means_the_innermost_variable() {
    assert_eq!(
        paths("let h = tokio::spawn(a()); { let h = 1; f(h); } let g = |h| f(h); g(2); h.await"),
        ["+0 -0"]
    );
    assert_eq!(
        paths("let h = tokio::spawn(a()); let h = f(h); h.await;"),
        ["+0 -0"]
    );
}

#[test]
fn a_body_without_spawns_has_none() {
    for body in [
        "",
        "f(a, b)?; x.spawn(y); Command::new(z).spawn()?;",
        "fn inner() { tokio::spawn(a()); }",
        "quote! { tokio::spawn(a()) };",
        "const { tokio::spawn(a()) };",
    ] {
        assert!(
            read(&format!("fn f() {{ {body} }}")).spawns.is_empty(),
            "{body}"
        );
    }
}

#[test]
fn deep_nesting_is_read() {
    // syn needs more of the stack than the walk.
    let depth = 15;
    let body = format!(
        "{}tokio::spawn(a()){}",
        "if c { loop { match x { _ => { ".repeat(depth),
        " } } break; } }".repeat(depth)
    );
    assert_eq!(read(&format!("fn f() {{ {body} }}")).spawns.len(), 1);
    // A chain of branches is no nesting.
    let chain = "if c { f() } else ".repeat(2_000) + "{ g() }";
    let chain = format!("fn f() {{ let h = tokio::spawn(a()); {chain} }}");
    assert_eq!(read(&chain).spawns.len(), 1);
}

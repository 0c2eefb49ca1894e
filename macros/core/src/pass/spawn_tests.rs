//! What the pass finds, by the calls that it leaves behind.

use proc_macro2::TokenStream;
use quote::{ToTokens, quote};
use syn::{Item, ItemFn, ItemMod, parse_quote};

use super::{Rewrite, Waits};
use crate::emit::{Name, Runtime, Spawns, Taker};
use crate::pass::imports::Names;

fn spawns(limit: bool) -> Spawns {
    Spawns {
        runtime: Runtime::new(None),
        name: Name::Function("f".to_owned()),
        taker: Taker::Function(parse_quote!(R)),
        limit,
    }
}

fn rewrite_with(mut names: Names, limit: bool, mut function: ItemFn) -> (String, usize) {
    let spawns = spawns(limit);
    names.enter_function(&function.sig, &function.block);
    let mut pass = Rewrite::new(&mut names, &spawns, Waits::Here);
    pass.block(&mut function.block, false);
    let replaced = pass.replaced;
    (function.block.to_token_stream().to_string(), replaced)
}

fn rewrite(function: ItemFn) -> (String, usize) {
    rewrite_with(Names::new(None, []), false, function)
}

/// How often a function of the runtime is called.
fn count(text: &str, name: &str) -> usize {
    text.matches(&format!("__private :: {name} (")).count()
        + text.matches(&format!("__private :: {name} ::")).count()
}

/// Checks how many spawns of a body are held, and how many are discarded.
#[track_caller]
fn check(body: TokenStream, held: usize, discarded: usize) {
    let (text, replaced) = rewrite(parse_quote!(async fn f() { #body }));
    let all = |names: [&str; 4]| names.iter().map(|name| count(&text, name)).sum::<usize>();
    let found = (
        all(["spawn", "spawn_local", "spawn_blocking", "spawn_thread"]),
        all(["launch", "launch_local", "launch_blocking", "launch_thread"]),
    );
    assert_eq!(found, (held, discarded), "{text}");
    assert_eq!(replaced, held + discarded, "{text}");
    assert!(syn::parse_str::<syn::Block>(&text).is_ok(), "{text}");
}

#[test]
fn full_paths_are_spawns() {
    check(quote!(let a = tokio::spawn(f); a.await), 1, 0);
    check(quote!(let a = ::tokio::task::spawn(f); a.await), 1, 0);
    check(
        quote!(g(
            tokio::task::spawn_local(f),
            tokio::task::spawn_blocking(h)
        )),
        2,
        0,
    );
    check(quote!(let a = std::thread::spawn(h); a.join()), 1, 0);
    check(quote!(let a = rejoin::spawn(f); a.await), 1, 0);
    check(
        quote!(tokio::runtime::Handle::current().spawn(f).await),
        1,
        0,
    );
    check(quote!(tokio::spawn::<F>(f).await), 1, 0);
}

#[test]
fn false_friends_are_left_alone() {
    for body in [
        quote!(spawn(f);),
        quote!(task::spawn(f);),
        quote!(Actor::spawn(f);),
        quote!(T::spawn(f);),
        quote!(crate::spawn(f);),
        quote!(smol::spawn(f);),
        quote!(command.spawn();),
        quote!(scope.spawn(|| f);),
        quote!(scope.spawn(move |s| f);),
        quote!(make().spawn(f);),
        quote!(handle.spawn_blocking(a, b, c);),
        quote!(tokio::spawn(a, b);),
        quote!(tokio::spawn::<F>::x(f);),
        quote!(let f = tokio::spawn;),
        quote!(quote!(tokio::spawn(f));),
        quote!(
            fn g() {
                tokio::spawn(f);
            }
        ),
        quote!(use tokio::*; spawn(f);),
        quote!(use tokio::spawn; let spawn = g; spawn(f);),
        quote! { use tokio::spawn; { fn spawn(f: F) {} spawn(f); } },
        quote! { use tokio::spawn; { use other::*; spawn(f); } },
        quote!(use tokio::spawn; let g = |spawn| spawn(f);),
        quote!(mod tokio { } tokio::spawn(f);),
        quote!(#[cfg(a)] use tokio::task; #[cfg(not(a))] use other::task; task::spawn(f);),
    ] {
        check(body, 0, 0);
    }
}

#[test]
fn imports_are_followed() {
    check(quote!(use tokio::task; task::spawn(f);), 0, 1);
    check(
        quote!(use tokio::{spawn as go, task::{self, spawn_blocking}}; go(f); task::spawn(f); spawn_blocking(h);),
        0,
        3,
    );
    check(quote!(use std::thread; thread::spawn(h);), 0, 1);
    check(quote!(use tokio as t; t::spawn(f);), 0, 1);
    check(quote!(use tokio::task; use task::spawn; spawn(f);), 0, 1);
    check(
        quote!(use tokio::runtime::Handle; Handle::current().spawn(f);),
        0,
        1,
    );
    let module: ItemMod = parse_quote!(
        mod m {
            use tokio::task::spawn;
        }
    );
    let items: Vec<Item> = module.content.unwrap().1;
    let (text, replaced) = rewrite_with(
        Names::new(None, &items),
        false,
        parse_quote!(
            fn f() {
                spawn(f);
            }
        ),
    );
    assert_eq!((count(&text, "launch"), replaced), (1, 1), "{text}");
}

#[test]
fn a_renamed_runtime_is_known() {
    let path: syn::Path = parse_quote!(crate::vendored::rejoin);
    let (text, _) = rewrite_with(
        Names::new(Some(&path), []),
        false,
        parse_quote!(
            fn f() {
                crate::vendored::rejoin::spawn(f);
            }
        ),
    );
    assert_eq!(count(&text, "launch"), 1, "{text}");
}

#[test]
fn values_that_nobody_has_are_discarded() {
    check(quote!(tokio::spawn(f);), 0, 1);
    check(quote!(let _ = tokio::spawn(f);), 0, 1);
    check(quote!(_ = tokio::spawn(f);), 0, 1);
    check(quote!(drop(tokio::spawn(f));), 0, 1);
    check(quote!(std::mem::drop(tokio::spawn(f));), 0, 1);
    check(quote!(let _task = tokio::spawn(f); g();), 0, 1);
    check(
        quote!(let _t = tokio::spawn(f); let _t = tokio::spawn(f);),
        0,
        2,
    );
    check(quote!({ tokio::spawn(f) };), 0, 1);
    check(
        quote!(if a { tokio::spawn(f) } else { tokio::spawn(g) };),
        0,
        2,
    );
    check(
        quote!(match a { A => tokio::spawn(f), B => return, C => { tokio::spawn(g) } };),
        0,
        2,
    );
    check(
        quote!(match a {
            A => drop(tokio::spawn(f)),
            B => {}
        }),
        0,
        1,
    );
    check(quote!((tokio::spawn(f));), 0, 1);
    check(
        quote!(#[cfg(a)] tokio::spawn(f); #[cfg(not(a))] tokio::spawn(g);),
        0,
        2,
    );
    check(
        quote!(loop {
            tokio::spawn(f);
        }),
        0,
        1,
    );
}

#[test]
fn values_that_somebody_has_are_held() {
    check(quote!(tokio::spawn(f)), 1, 0);
    check(quote!(tokio::spawn(f).await;), 1, 0);
    check(quote!(let task = tokio::spawn(f);), 1, 0);
    check(quote!(let _task = tokio::spawn(f); _task.abort();), 1, 0);
    check(
        quote!(let _task = tokio::spawn(f); println!("{_task:?}");),
        1,
        0,
    );
    check(quote!(let _task: JoinHandle<()> = tokio::spawn(f);), 1, 0);
    check(quote!(let _ = (tokio::spawn(f), 1);), 1, 0);
    check(quote!(if a { tokio::spawn(f) } else { g() };), 1, 0);
    check(quote!(match a { A => tokio::spawn(f), B => h };), 1, 0);
    check(quote!(fn drop<T>(t: T) {} drop(tokio::spawn(f));), 1, 0);
    check(quote!(return tokio::spawn(f);), 1, 0);
    check(quote!(let g = || tokio::spawn(f);), 1, 0);
}

#[test]
fn closures_and_async_blocks_are_entered() {
    check(quote!(let g = move || { tokio::spawn(f); };), 0, 1);
    check(
        quote!(async { tokio::spawn(async move { tokio::spawn(f); }) }.await;),
        1,
        1,
    );
}

#[test]
fn macro_input_is_read_as_tokens() {
    check(
        quote!(tokio::select! { a = tokio::spawn(f) => { tokio::spawn(g); } }),
        1,
        1,
    );
    check(
        quote!(let (a, b) = tokio::join!(tokio::spawn(f), tokio::spawn(g));),
        2,
        0,
    );
    check(quote!(let v = vec![tokio::spawn(f); 1];), 1, 0);
    check(
        quote!(println!("{:?}", tokio::spawn(async { tokio::spawn(f); }).await);),
        1,
        1,
    );
    check(quote!(select! { x = a => x, spawn = b => spawn(f) }), 0, 0);
    check(quote!(other!(tokio::spawn(f));), 0, 0);
    // What is not closed is no call, and a `-` before a number no arrow.
    check(quote!(vec![tokio::spawn::<, x];), 0, 0);
    check(quote!(vec![tokio::spawn::<F<-1>>(f)];), 1, 0);
    check(quote!(vec![a.tokio::spawn(f), my::tokio::spawn(f)];), 0, 0);
    check(
        quote!(assert!(matches!(tokio::spawn::<F>(f).await, Ok(_)));),
        1,
        0,
    );
}

#[test]
fn spawns_of_the_current_handle_are_read_in_macro_input() {
    for (body, held, discarded) in [
        (
            quote!(join!(tokio::runtime::Handle::current().spawn(f), g);),
            1,
            0,
        ),
        (
            quote!(select! {
                a = ::tokio::runtime::Handle::current().spawn_blocking(f) => {
                    tokio::runtime::Handle::current().spawn(g);
                }
            }),
            1,
            1,
        ),
        (
            quote!(use tokio::runtime::Handle; vec![Handle::current().spawn::<F>(f), x];),
            1,
            0,
        ),
        // Not the current one, not a spawn, not one argument, no call.
        (quote!(vec![Handle::current().spawn(f)];), 0, 0),
        (
            quote!(vec![a.tokio::runtime::Handle::current().spawn(f)];),
            0,
            0,
        ),
        (
            quote!(vec![tokio::runtime::Handle::current().block_on(f)];),
            0,
            0,
        ),
        (
            quote!(vec![tokio::runtime::Handle::current().spawn(f, g)];),
            0,
            0,
        ),
        (quote!(vec![tokio::runtime::Handle::current()];), 0, 0),
        (quote!(vec![tokio::runtime::Handle::current().spawn];), 0, 0),
    ] {
        check(body, held, discarded);
    }
}

#[test]
fn methods_are_probed_where_the_receiver_is_a_place() {
    for (body, probes) in [
        (quote!(set.spawn(f);), 1),
        (quote!(self.a.b.spawn(g(x)).abort();), 1),
        (quote!(set.spawn_on(f, &handle);), 1),
        (quote!(set.spawn_local(async {});), 1),
        (quote!(set.spawn_blocking(|| f);), 1),
        (quote!(set.spawn_blocking_on(g, &handle);), 1),
        (quote!(set.spawn(|| f);), 0),
        (quote!(set.lock().unwrap().spawn(f);), 0),
        (quote!(s.spawn("x");), 0),
        (quote!(s.spawn(&x);), 0),
        (quote!(s.spawn(a, b);), 0),
    ] {
        let (text, replaced) = rewrite(parse_quote!(fn f() { #body }));
        assert_eq!(text.matches("Probe :: new").count(), probes, "{text}");
        assert_eq!(replaced, probes);
        assert!(syn::parse_str::<syn::Block>(&text).is_ok(), "{text}");
    }
}

#[test]
fn a_statement_asks_who_takes_the_outcome() {
    for (body, asks) in [
        (quote!(tracker.spawn(f);), 1),
        (quote!(self.tracker.spawn_on(f, handle);), 1),
        (
            quote!(if a {
                tracker.spawn(f);
            }),
            1,
        ),
        (quote!(tracker.spawn(async { loop { break; } });), 1),
        // Held, or nobody's to know.
        (quote!(let h = tracker.spawn(f);), 0),
        (
            quote!(if a {
                tracker.spawn(f)
            }),
            0,
        ),
        (quote!(tracker.spawn(f)), 0),
        (quote!(let _ = tracker.spawn(f);), 0),
        (
            quote!(loop {
                tracker.spawn(if a { break } else { f });
            }),
            1,
        ),
    ] {
        let (text, _) = rewrite(parse_quote!(fn f() { #body }));
        assert_eq!(text.matches("__rejoin_discard").count(), asks, "{text}");
        assert!(syn::parse_str::<syn::Block>(&text).is_ok(), "{text}");
    }
}

#[test]
fn a_limit_waits_before_the_innermost_statement() {
    let limited = |body: TokenStream| {
        rewrite_with(
            Names::new(None, []),
            true,
            parse_quote!(async fn f() { #body }),
        )
        .0
    };
    let place = ":: rejoin :: __private :: place () . await ;";
    for (body, places) in [
        (quote!(tokio::spawn(f); g();), 1),
        (
            quote!(for x in y {
                g();
                tokio::spawn(f);
            }),
            1,
        ),
        (quote!(let a = (tokio::spawn(f), tokio::spawn(g));), 1),
        (
            quote!(if a {
                tokio::spawn(f);
            } else {
                tokio::spawn(g);
            }),
            2,
        ),
        (
            quote!(let h: Vec<_> = x.map(|x| tokio::spawn(x)).collect();),
            0,
        ),
        (quote!(let b = async { tokio::spawn(f); };), 0),
        (quote!(tokio::select! { a = b => { tokio::spawn(f); } }), 1),
        (quote!(std::thread::spawn(h);), 0),
        (quote!(set.spawn(f);), 0),
    ] {
        let text = limited(body);
        assert_eq!(text.matches(place).count(), places, "{text}");
    }
    let text = limited(quote!(for x in y {
        g();
        #[cfg(a)]
        tokio::spawn(f);
    }));
    assert!(
        text.contains(&format!(
            "g () ; # [cfg (a)] {place} # [cfg (a)] :: rejoin :: __private :: launch ("
        )),
        "{text}"
    );
}

#[test]
fn the_site_is_where_the_spawn_is_written() {
    let function: ItemFn =
        syn::parse_str("async fn f() {\n    let _ = 1;\n    tokio::spawn(work());\n}").unwrap();
    let spawns = spawns(false);
    let mut names = Names::new(None, []);
    let mut block = function.block;
    Rewrite::new(&mut names, &spawns, Waits::Here).block(&mut block, false);
    let mut found = Vec::new();
    collect(block.to_token_stream(), &mut found);
    assert!(!found.is_empty());
    assert!(found.iter().all(|place| *place == (3, 4)), "{found:?}");
}

/// The places of all tokens called `Site`.
fn collect(tokens: TokenStream, found: &mut Vec<(usize, usize)>) {
    for token in tokens {
        match token {
            proc_macro2::TokenTree::Ident(ident) if ident == "Site" => {
                let start = ident.span().start();
                found.push((start.line, start.column));
            }
            proc_macro2::TokenTree::Group(group) => collect(group.stream(), found),
            _ => {}
        }
    }
}

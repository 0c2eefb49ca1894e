//! Whatever the function, an attribute expands to something that parses and never panics.

use proc_macro2::TokenStream;

use rejoin_macros_core::{guarded, must_join, task_group};

/// Odd functions, all of which rustc accepts in the right place.
const FUNCTIONS: &[&str] = &[
    "fn f() {}",
    "pub(crate) fn f() -> () {}",
    "async fn f() {}",
    "async fn f() -> ! { loop {} }",
    "fn f() -> ! { loop {} }",
    "unsafe fn f() {}",
    "async unsafe fn f() {}",
    "unsafe extern \"C\" fn f() {}",
    "extern fn f() {}",
    "const fn f() -> u8 { 1 }",
    "unsafe extern \"C\" fn f(a: u8, ...) {}",
    "default fn f() {}",
    "fn f(self) {}",
    "async fn f(&self) -> &str { self.x }",
    "async fn f(&mut self) -> Result<&mut T, E<'_>> { tokio::spawn(a); Ok(self) }",
    "async fn f<'a>(&'a mut self) {}",
    "async fn f(mut self) {}",
    "async fn f(self: Box<Self>) {}",
    "async fn f(self: Pin<&mut Self>) -> &str { tokio::spawn(a); b }",
    "async fn f(mut self: Arc<Self>) {}",
    "async fn f((a, b): (u8, u8), [c, ..]: [u8; 3], S { x, y: _ }: S) {}",
    "async fn f(_: u8, mut a: u8, ref b: u8, &c: &u8, d @ 1..=3: u8) {}",
    "async fn f(#[cfg(a)] a: u8, #[allow(unused)] (b, c): (u8, u8)) {}",
    "async fn f(r#type: u8) -> u8 { r#type }",
    "async fn r#async() {}",
    "async fn f<T: Clone, const N: usize>(a: [T; N]) -> [T; N] where T: Send { a }",
    "async fn f(a: impl Fn(u8) -> u8) -> impl Fn(u8) -> u8 { a }",
    "async fn f() -> Result<impl Display, E> { Ok(1) }",
    "async fn f() -> (impl A, impl B + 'static) { (a, b) }",
    "async fn f() -> impl IntoResponse {}",
    "fn f() -> impl IntoResponse + Send { 1 }",
    "fn f() -> impl Future<Output = u8> + Send { async { 1 } }",
    "fn f() -> impl std::future::Future<Output = Result<(), E>> { g() }",
    "fn f() -> Pin<Box<dyn Future<Output = u8> + Send + '_>> { Box::pin(async move { 1 }) }",
    "fn f() -> BoxFuture<'static, ()> { async {}.boxed() }",
    "fn f() -> LocalBoxFuture<'_, u8> { let x = 1; Box::pin(async move { x }) }",
    "fn f() -> Pin<Box<dyn Stream<Item = u8>>> { g() }",
    "fn f() -> Pin<Box<u8>> { g() }",
    "fn f() -> impl Future { async {} }",
    "fn f<'a>() -> impl Future<Output = u8> + use<'a> { async { 1 } }",
    "fn f() -> Box<dyn Fn(&u8) -> &u8> { g() }",
    "fn f() -> fn(&u8) -> &u8 { g }",
    "fn f() -> <T as A>::B { g() }",
    "fn f() -> ty!(u8) { g() }",
    "fn f() -> [u8; { 1 + 1 }] { [1, 2] }",
    "async fn f() { #![allow(unused)] let x = 1; }",
    "/// Docs.\n#[inline]\n#[cfg_attr(a, b)]\nasync fn f() {}",
    "async fn f() { 'a: { break 'a; } 'b: loop { break 'b } }",
    "async fn f() { let x = 'a: { tokio::spawn(g) }; }",
    "async fn f() { let Some(x) = tokio::spawn(g).await.ok() else { return }; }",
    "async fn f() { if let Some(x) = a && let b = tokio::spawn(g) { } }",
    "async fn f() { tokio::spawn(async || 1); }",
    "async fn f() { tokio::spawn(S { a: 1 }); }",
    "async fn f() { tokio::spawn({ g() }); }",
    "async fn f() { tokio::spawn(if a { b } else { c }); }",
    "async fn f() { let _ = tokio::spawn(g)?; }",
    "async fn f() { unsafe { tokio::spawn(g) }; }",
    "async fn f() { const { tokio::spawn(g) }; }",
    "async fn f() { tokio::spawn(g) as u8; &tokio::spawn(g); !tokio::spawn(g); tokio::spawn(g)[0]; }",
    "async fn f() { x = tokio::spawn(g); x += tokio::spawn(g); _ = (tokio::spawn(g)); }",
    "async fn f() { match tokio::spawn(g) { a if tokio::spawn(g) => {} _ => tokio::spawn(g) } }",
    "async fn f() { macro_rules! m { ($x:expr) => { tokio::spawn($x) } } m!(g); }",
    "async fn f() { tokio::select! { biased; a = b, if c => d, else => { tokio::spawn(g); } } }",
    "async fn f() { select! { }; vec![]; join!(,); vec![tokio::spawn(]; }",
    "async fn f() { println!(\"{}\", { tokio::spawn(g); 1 }) }",
    "async fn f() { set.spawn(g).await; a.b.0.spawn(g)?; drop(set.spawn(g)); return set.spawn(g); }",
    "async fn f() { ; ; ; }",
    "async fn f() { use a::{self, b::*, c as _, d::{e as f, self as g}}; extern crate a as b; }",
    "async fn f() { for x in y { while z { tokio::spawn(g); continue; } break; } }",
    "async fn f() { yield_now!(); let x: u8; x = 1; }",
    "async fn f() -> u8 { return 1; }",
    "#[task_group] async fn f() {}",
    "#[guarded] async fn f() {}",
    "#[tokio::test] async fn f() {}",
    "fn f();",
    "struct S;",
    "const C: u8 = 1;",
    "extern \"C\" { fn f(); }",
    "let x = 1;",
    "",
];

const GUARDED: &[&str] = &[
    "",
    "on_panic = \"unwind\"",
    "on_panic = \"abort\"",
    "on_panic = \"abort after 5 in 60s\"",
    "on_panic = \"unwind, shutdown\"",
    "or = 1",
    "or = |p| 1",
    "name = \"x\"",
    "crate = a::b",
    "bad",
    "or =",
    "1",
];

const TASK_GROUP: &[&str] = &[
    "",
    "limit = 2",
    "limit = n",
    "deadline = \"2s\", grace = d, warn_after = \"1m 30s\", token = t.clone()",
    "on_failure = \"collect\"",
    "on_failure = \"isolate\", on_panic = \"recover\"",
    "on_panic = \"recover, abort after 5 in 60s, abort if unjoined for 30s\"",
    "crate = a::b, name = \"x\"",
    "limit = 0",
    "x = 1",
];

const MUST_JOIN: &[&str] = &[
    "",
    "tracks(a, b::c)",
    "name = \"x\", tracks(a), crate = a::b",
    "tracks",
    "tracks()",
    "tracks = a",
    "tracks(1)",
    "bad",
];

fn tokens(text: &str) -> Option<TokenStream> {
    text.parse().ok()
}

#[track_caller]
fn check(attribute: &str, args: &str, item: &str, expanded: &TokenStream) {
    let text = expanded.to_string();
    let is_error = text.contains("compile_error");
    if is_error {
        return;
    }
    let methods = syn::parse_str::<syn::ItemImpl>(&format!("impl S {{ {text} }}")).map(drop);
    let parsed = methods.or_else(|_| syn::parse_str::<syn::File>(&text).map(drop));
    if let Err(error) = parsed {
        panic!("#[{attribute}({args})] {item}\n{text}\n{error}");
    }
}

#[test]
fn every_function_expands_to_something_that_parses() {
    for item in FUNCTIONS {
        let Some(item_tokens) = tokens(item) else {
            continue;
        };
        for args in GUARDED {
            let expanded = guarded(args.parse().unwrap(), item_tokens.clone());
            check("guarded", args, item, &expanded);
        }
        for args in TASK_GROUP {
            let expanded = task_group(args.parse().unwrap(), item_tokens.clone());
            check("task_group", args, item, &expanded);
        }
        for args in MUST_JOIN {
            let expanded = must_join(args.parse().unwrap(), item_tokens.clone());
            check("must_join", args, item, &expanded);
        }
    }
}

#[test]
fn every_function_expands_inside_of_an_impl_a_trait_and_a_module() {
    for item in FUNCTIONS {
        for (before, after) in [
            ("impl S {", "}"),
            ("mod m {", "}"),
            ("trait T {", "}"),
            ("mod m { mod n { impl A for B {", "}}}"),
        ] {
            let Some(item_tokens) = tokens(&format!("{before}{item}{after}")) else {
                continue;
            };
            for args in ["", "on_panic = \"recover\"", "or = 1"] {
                let expanded = guarded(args.parse().unwrap(), item_tokens.clone());
                check("guarded", args, item, &expanded);
            }
            for args in MUST_JOIN {
                let expanded = must_join(args.parse().unwrap(), item_tokens.clone());
                check("must_join", args, item, &expanded);
            }
        }
    }
}

#[test]
fn an_item_with_an_error_is_still_emitted() {
    let item: TokenStream = "async fn f() { tokio::spawn(g); }".parse().unwrap();
    for expanded in [
        task_group("limit = 0".parse().unwrap(), item.clone()),
        guarded("bad".parse().unwrap(), item.clone()),
        must_join("".parse().unwrap(), item.clone()),
    ] {
        let text = expanded.to_string();
        assert!(text.starts_with(&item.to_string()), "{text}");
        assert!(text.contains("compile_error"), "{text}");
    }
}

#[test]
fn items_that_begin_like_functions_are_told_where_the_attribute_goes() {
    for item in [
        "const C: u8 = 1;",
        "static S: u8 = 1;",
        "unsafe extern \"C\" { fn f(); }",
        "extern crate a as b;",
        "union U { x: u8 }",
        "macro_rules! m { () => {} }",
    ] {
        let tokens: TokenStream = item.parse().unwrap();
        for expanded in [
            guarded(TokenStream::new(), tokens.clone()),
            task_group(TokenStream::new(), tokens.clone()),
        ] {
            let text = expanded.to_string();
            assert!(text.contains("]` goes on a"), "{text}");
        }
    }
}

#[test]
fn what_needs_no_change_is_emitted_as_written() {
    for item in [
        "async fn f(a: u8) -> u8 { a + 1 }",
        "impl S { fn f(&self) { self.0.spawn(|| 1); } }",
        "mod m { use tokio::task; #[test] fn t() { task::spawn(f); } const fn c() {} }",
        "impl Drop for S { fn drop(&mut self) { tokio::spawn(f); } }",
    ] {
        let tokens: TokenStream = item.parse().unwrap();
        let expanded = guarded("on_panic = \"unwind\"".parse().unwrap(), tokens.clone());
        assert_eq!(expanded.to_string(), tokens.to_string());
    }
}

#[test]
fn a_guard_takes_the_place_of_the_future() {
    let item: TokenStream = "pub async fn f(&self, (a, mut b): (A, B)) -> &str { c(a, b).await }"
        .parse()
        .unwrap();
    let expanded = guarded("or = \"\"".parse().unwrap(), item.clone()).to_string();
    let lifted = "pub fn f (& self , __arg1 : (A , B)) -> impl :: core :: future :: Future < Output = & str > where { return :: rejoin :: __private :: guard (";
    assert!(expanded.starts_with(lifted), "{expanded}");
    // Where another attribute reads the function, it stays an `async fn`.
    let item: TokenStream = format!("#[instrument] {item}").parse().unwrap();
    let expanded = guarded(TokenStream::new(), item).to_string();
    assert!(
        expanded
            .starts_with("# [instrument] pub async fn f (& self , (a , b) : (A , B)) -> & str {"),
        "{expanded}"
    );
}

/// A function under attributes, the outermost of which is expanded.
fn stacked(attributes: &[(&str, &str)], item: &str) -> String {
    let [(outermost, args), below @ ..] = attributes else {
        panic!("no attribute");
    };
    let below: Vec<_> = below
        .iter()
        .map(|(name, args)| format!("#[rejoin::{name}({args})] "))
        .collect();
    let below = below.concat();
    let (args, item) = (
        args.parse().unwrap(),
        format!("{below}{item}").parse().unwrap(),
    );
    match *outermost {
        "guarded" => guarded(args, item),
        "task_group" => task_group(args, item),
        _ => must_join(args, item),
    }
    .to_string()
}

#[test]
fn attributes_on_one_function_expand_alike_in_every_order() {
    let [guard, group, join] = [
        ("guarded", "or = 1"),
        ("task_group", "limit = 2"),
        ("must_join", ""),
    ];
    let item = "async fn f() -> u8 { tokio::spawn(g()); 1 }";
    let expanded = stacked(&[guard, group, join], item);
    for order in [
        [guard, join, group],
        [group, guard, join],
        [group, join, guard],
        [join, guard, group],
        [join, group, guard],
    ] {
        assert_eq!(stacked(&order, item), expanded, "{order:?}");
    }
    let place = |text: &str| {
        expanded
            .find(text)
            .unwrap_or_else(|| panic!("{text}: {expanded}"))
    };
    assert!(
        place("__private :: guard (") < place("__private :: task_group ("),
        "{expanded}"
    );
    assert!(!expanded.contains("tokio :: spawn"), "{expanded}");
}

#[test]
fn attributes_on_one_impl_expand_alike_in_every_order() {
    let item = "impl S { fn f() { let h = tokio::spawn(g()); h.join() } }";
    let [guard, join] = [("guarded", "or = 1"), ("must_join", "")];
    assert_eq!(stacked(&[guard, join], item), stacked(&[join, guard], item));
}

#[test]
fn an_attribute_that_stands_twice_is_refused_once() {
    for attribute in ["guarded", "task_group", "must_join"] {
        let item = "async fn f() { tokio::spawn(g()).await; }";
        let text = stacked(&[(attribute, ""), (attribute, "")], item);
        assert_eq!(text.matches("compile_error").count(), 1, "{text}");
        assert!(text.contains("stands here twice"), "{text}");
        assert!(text.contains("async fn f () { tokio"), "{text}");
        assert_eq!(
            text.matches(&format!("# [rejoin :: {attribute}")).count(),
            0,
            "{text}"
        );
    }
}

#[test]
fn a_function_that_returns_handles_says_so_once() {
    let expand = |item: &str| must_join(TokenStream::new(), item.parse().unwrap()).to_string();
    for item in [
        "fn f() -> JoinHandle<()> { g() }",
        "async fn f() -> Option<tokio::task::JoinHandle<()>> { g() }",
        "fn f() -> Vec<JoinHandle<()>> { g() }",
        "impl S { fn f(&self) -> JoinHandle<()> { g() } }",
        "#[task_group] async fn f() -> (JoinHandle<()>, u8) { g() }",
    ] {
        assert_eq!(expand(item).matches("must_use").count(), 1, "{item}");
    }
    for item in [
        "#[must_use] fn f() -> JoinHandle<()> { g() }",
        "fn f() -> Result<JoinHandle<()>, E> { g() }",
        "impl T for S { fn f(&self) -> JoinHandle<()> { g() } }",
        "fn f() -> Handle { g() }",
        "fn f() -> u8 { g() }",
    ] {
        let written: TokenStream = item.parse().unwrap();
        assert_eq!(expand(item), written.to_string());
    }
}

#[test]
fn an_error_about_a_conditional_spawn_is_conditional() {
    let item = "fn f() { #[cfg(a)] tokio::spawn(g()); #[cfg(b)] { let h = tokio::spawn(g()); #[cfg(c)] return; f(h) } }";
    let expanded = must_join(TokenStream::new(), item.parse().unwrap()).to_string();
    assert!(
        expanded.contains("# [cfg (a)] :: core :: compile_error !"),
        "{expanded}"
    );
    assert!(
        expanded.contains("# [cfg (b)] # [cfg (c)] :: core :: compile_error !"),
        "{expanded}"
    );
    // What exists is rewritten all the same.
    assert_eq!(
        expanded.matches("__private :: launch").count(),
        1,
        "{expanded}"
    );
}

#[test]
fn an_exit_that_loses_two_handles_of_one_variable_says_so_once() {
    let item = "fn f() { let Some(h) = [tokio::spawn(a()), tokio::spawn(b())]; }";
    let expanded = must_join(TokenStream::new(), item.parse().unwrap()).to_string();
    assert_eq!(expanded.matches("this task is never joined").count(), 2);
    assert_eq!(
        expanded.matches("the task of `h` is not joined").count(),
        1,
        "{expanded}"
    );
}

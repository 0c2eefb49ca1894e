//! Locals that evidently are handles or runtimes.

use super::{calls, calls_of};

const USE: &str = "use tokio::runtime::{Builder, Handle, Runtime}; use std::{rc::Rc, sync::Arc};";

#[track_caller]
fn last(body: &str) -> String {
    let function = format!("fn f() {{ {USE} {body} }}");
    calls_of(&function).pop().unwrap()
}

#[track_caller]
fn parameter(ty: &str) -> String {
    calls_of(&format!("fn f(h: {ty}) {{ h.spawn(g) }}"))
        .pop()
        .unwrap()
}

#[test]
fn a_local_from_a_handle_is_a_handle() {
    for body in [
        "let h = Handle::current(); h.spawn(g)",
        "let h = tokio::runtime::Handle::current(); h.spawn(g)",
        "let h = Handle::try_current()?; h.spawn(g)",
        "let h = Handle::try_current().unwrap(); h.spawn(g)",
        "let h = Handle::try_current().expect(\"a runtime\"); h.spawn(g)",
        "let h = Handle::current().clone(); h.spawn(g)",
        "let h = Handle::current(); let other = h.clone(); other.spawn(g)",
        "let h = Handle::current(); let other = &h; other.spawn(g)",
        "let h = Arc::new(Handle::current()); Arc::clone(&h).spawn(g)",
        "let h: Handle = anything(); h.spawn(g)",
        "let rt = Runtime::new()?; let h = rt.handle(); h.spawn(g)",
        "let rt = Runtime::new()?; rt.handle().clone().spawn(g)",
        "if let Ok(h) = Handle::try_current() { h.spawn(g) }",
        "let Ok(h) = Handle::try_current() else { return }; h.spawn(g)",
        "Handle::current().spawn(g)",
    ] {
        assert_eq!(last(body), "Handle.spawn", "{body}");
    }
}

#[test]
fn a_local_from_a_runtime_is_a_runtime() {
    for body in [
        "let rt = Runtime::new()?; rt.spawn(g)",
        "let rt = Arc::new(Runtime::new().unwrap()); rt.spawn(g)",
        "let rt = Builder::new_multi_thread().enable_all().build()?; rt.spawn(g)",
    ] {
        assert_eq!(last(body), "Runtime.spawn", "{body}");
    }
}

#[test]
fn other_locals_are_not_known() {
    for body in [
        "let h = Handle::try_current(); h.spawn(g)",
        "let h = Handle::other(); h.spawn(g)",
        "let h = current(); h.spawn(g)",
        "let h = Handle::current(); let h = pool(); h.spawn(g)",
        "let h = Handle::current(); v(|h| h.spawn(g))",
        "let h = Handle::current(); { let h = pool(); h.spawn(g) }",
        "let h: Pool = Handle::current(); h.spawn(g)",
        "let rt = pool.build()?; rt.spawn(g)",
        "let rt = sim::Builder::new_multi_thread().build()?; rt.spawn(g)",
        "struct Handle; let h = Handle::current(); h.spawn(g)",
        "use sim::Handle; let h = Handle::current(); h.spawn(g)",
        "let (h, _) = Handle::current(); h.spawn(g)",
        "self.rt.spawn(g)",
    ] {
        let function = format!("fn f() {{ use tokio::runtime::Builder; {{ {body} }} }}");
        assert_eq!(calls_of(&function).pop().unwrap(), "?", "{body}");
    }
}

#[test]
fn a_parameter_has_its_type() {
    assert_eq!(parameter("tokio::runtime::Handle"), "Handle.spawn");
    assert_eq!(parameter("&'a mut tokio::runtime::Handle"), "Handle.spawn");
    assert_eq!(
        parameter("std::sync::Arc<tokio::runtime::Runtime>"),
        "Runtime.spawn"
    );
    assert_eq!(parameter("sim::runtime::Handle"), "?");
    assert_eq!(parameter("Handle"), "?");
    assert_eq!(parameter("Mutex<tokio::runtime::Handle>"), "?");
    assert_eq!(parameter("tokio::task::JoinHandle<()>"), "?");
}

#[test]
fn the_type_may_be_imported_at_the_head_of_the_file() {
    let text = "use tokio::runtime::Handle; #[seen] fn f(h: &Handle) { h.spawn(g) }";
    assert_eq!(calls("type_at_head", text), ["Handle.spawn"]);
    let text = "struct Handle; #[seen] fn f(h: &Handle) { h.spawn(g) }";
    assert_eq!(calls("type_in_file", text), ["?"]);
    let text = "use tokio::runtime::Handle; #[seen] fn f<Handle: T>(h: &Handle) { h.spawn(g) }";
    assert_eq!(calls("type_parameter", text), ["?"]);
    let text = "use tokio::runtime::Handle; struct S<T>(T);
        impl<Handle: T> S<Handle> { #[seen] fn f(h: &Handle) { h.spawn(g) } }";
    assert_eq!(calls("type_parameter_of_impl", text), ["?"]);
}

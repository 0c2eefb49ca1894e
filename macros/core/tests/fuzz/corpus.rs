//! Every attribute on the functions of real code: the sources of all crates that this workspace depends on here, as cargo
//! keeps them. Crates that only other platforms need are left out: a build does not fetch them.
//!
//! None makes an attribute panic; what comes out parses; the types in the signature are those that were written; and what
//! spawns nothing is left as it was. A hundredth of the functions takes half a minute in a debug build; all of them:
//! `REJOIN_SHARE=1 cargo test --release -p rejoin-macros-core --test fuzz corpus -- --nocapture`, five minutes for 107,000 functions.

use std::collections::BTreeSet;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering::Relaxed};

use proc_macro2::TokenStream;
use quote::{ToTokens, quote};
use syn::visit::{self, Visit};
use syn::{FnArg, ImplItemFn, ReturnType, Signature};

use rejoin_macros_core::stack;

use super::case::{Case, Outcome};
use rejoin_macros_core::leak::build::Shape;

/// One function of so many is taken, and of those that mention a spawn ten times as many.
const SHARE: usize = 100;

const ATTRIBUTES: &[(&str, &str)] = &[
    ("guarded", ""),
    ("guarded", "or = x"),
    ("guarded", "on_panic = \"unwind\""),
    ("guarded", "on_panic = \"abort\""),
    ("task_group", ""),
    ("task_group", "on_failure = \"collect\", limit = 2"),
    (
        "task_group",
        "on_failure = \"isolate\", on_panic = \"recover\"",
    ),
    ("must_join", ""),
    // It makes the analysis read what it could pass by.
    ("must_join", "tracks(never::called)"),
    ("main", ""),
];

/// What stands in a file under an attribute: functions, and what has some in it.
#[derive(Default)]
struct Found {
    functions: Vec<TokenStream>,
    containers: Vec<TokenStream>,
}

impl Found {
    /// Adds a function, unless an attribute of rejoin stands on it already.
    fn add(&mut self, attrs: &[syn::Attribute], function: TokenStream) {
        if !attrs.iter().any(|attr| stack::Kind::of(attr).is_some()) {
            self.functions.push(function);
        }
    }
}

impl<'ast> Visit<'ast> for Found {
    fn visit_item_fn(&mut self, item: &'ast syn::ItemFn) {
        self.add(&item.attrs, item.to_token_stream());
        visit::visit_item_fn(self, item);
    }

    fn visit_impl_item_fn(&mut self, item: &'ast ImplItemFn) {
        self.add(&item.attrs, item.to_token_stream());
        visit::visit_impl_item_fn(self, item);
    }

    fn visit_trait_item_fn(&mut self, item: &'ast syn::TraitItemFn) {
        if item.default.is_some() {
            self.add(&item.attrs, item.to_token_stream());
        }
        visit::visit_trait_item_fn(self, item);
    }

    fn visit_item_impl(&mut self, item: &'ast syn::ItemImpl) {
        self.containers.push(item.to_token_stream());
        visit::visit_item_impl(self, item);
    }

    fn visit_item_trait(&mut self, item: &'ast syn::ItemTrait) {
        self.containers.push(item.to_token_stream());
        visit::visit_item_trait(self, item);
    }

    fn visit_item_mod(&mut self, item: &'ast syn::ItemMod) {
        if item.content.is_some() {
            self.containers.push(item.to_token_stream());
        }
        visit::visit_item_mod(self, item);
    }
}

/// The standard output of cargo.
fn cargo(args: &[&str]) -> String {
    let cargo = std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
    let output = Command::new(cargo)
        .args(args)
        .current_dir(env!("CARGO_MANIFEST_DIR"))
        .output()
        .expect("cargo runs");
    assert!(
        output.status.success(),
        "cargo {args:?}: {}",
        String::from_utf8_lossy(&output.stderr)
    );
    String::from_utf8(output.stdout).expect("cargo writes UTF-8")
}

/// The folders of all packages that the workspace is built from on this platform, by a search for the one key that is
/// needed of cargo's JSON.
///
/// With the platform given, cargo needs no package but those of `cargo test --workspace`. It is not `--offline`: after
/// `cargo test -p rejoin-macros-core` alone the packages of the other members are still to be fetched.
fn packages() -> BTreeSet<PathBuf> {
    let version = cargo(&["-vV"]);
    let host = version.lines().find_map(|line| line.strip_prefix("host: "));
    let host = host.expect("cargo knows its platform");
    let text = cargo(&[
        "metadata",
        "--format-version=1",
        "--locked",
        "--filter-platform",
        host,
    ]);
    let paths = text.split("\"manifest_path\":\"").skip(1);
    paths
        .filter_map(|rest| rest.split('"').next())
        .map(|path| PathBuf::from(path.replace("\\\\", "\\")))
        .filter_map(|path| path.parent().map(Path::to_path_buf))
        .collect()
}

fn sources(folder: &Path, found: &mut Vec<PathBuf>) {
    let Ok(entries) = std::fs::read_dir(folder) else {
        return;
    };
    let mut paths: Vec<_> = entries.flatten().map(|entry| entry.path()).collect();
    paths.sort();
    for path in paths {
        if path.is_dir() {
            // Of the workspace itself there are but the packages.
            if !path.ends_with("target") {
                sources(&path, found);
            }
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            found.push(path);
        }
    }
}

fn mentions_spawn(item: &TokenStream) -> bool {
    rejoin_macros_core::item::may_change(item)
}

/// A type without the name that its elided lifetime may be given.
fn nameless(tokens: &impl ToTokens) -> String {
    let text = tokens.to_token_stream().to_string();
    text.replace("& '__rejoin ", "& ")
        .replace("'__rejoin", "'_")
        .replace("& '_ ", "& ")
}

fn types(signature: &Signature) -> Vec<String> {
    let inputs = signature.inputs.iter().map(|input| match input {
        FnArg::Receiver(receiver) => nameless(&receiver.kind_tokens()),
        FnArg::Typed(typed) => nameless(&typed.ty),
    });
    let generics = signature.generics.params.iter().map(nameless);
    let bounds = signature.generics.where_clause.iter().map(nameless);
    inputs
        .chain(generics.filter(|generic| generic != "'_"))
        // The `where` of a lifted function has no bounds of its own.
        .chain(bounds.filter(|bounds| !bounds.is_empty()))
        .collect()
}

/// What of a receiver is no pattern: `mut` belongs to the body.
trait Kind {
    fn kind_tokens(&self) -> TokenStream;
}

impl Kind for syn::Receiver {
    fn kind_tokens(&self) -> TokenStream {
        let mut receiver = self.clone();
        receiver.attrs.clear();
        if !matches!(receiver.kind, syn::ReceiverKind::Reference(..)) {
            receiver.mutability = None;
        }
        receiver.to_token_stream()
    }
}

/// Whether the expansion declares what was written: the same types, or a future of them.
fn same_types(written: &ImplItemFn, expanded: TokenStream) -> Result<(), String> {
    struct Functions(Vec<ImplItemFn>);
    impl syn::parse::Parse for Functions {
        fn parse(input: syn::parse::ParseStream<'_>) -> syn::Result<Self> {
            let mut functions = Vec::new();
            while !input.is_empty() {
                functions.push(input.parse()?);
            }
            Ok(Self(functions))
        }
    }
    let Functions(functions) = syn::parse2(expanded).map_err(|error| error.to_string())?;
    let before = &written.sig;
    let output = |signature: &Signature| match &signature.output {
        ReturnType::Default => "()".to_owned(),
        ReturnType::Type(_, ty) => nameless(ty),
    };
    for function in &functions {
        let after = &function.sig;
        let lifted = before.asyncness.is_some() && after.asyncness.is_none();
        let expected = if lifted {
            let output = output(before);
            format!(":: core :: future :: Future < Output = {output} >")
        } else {
            output(before)
        };
        let given = output(after);
        let given = if lifted {
            given.trim_start_matches("impl ")
        } else {
            &given
        };
        if given != expected
            || types(before) != types(after)
            || before.ident != after.ident
            || before.safety.to_token_stream().to_string()
                != after.safety.to_token_stream().to_string()
            || before.abi != after.abi
            || written.vis != function.vis
        {
            return Err(format!(
                "the signature is {} and was {}",
                after.to_token_stream(),
                before.to_token_stream()
            ));
        }
    }
    match functions.len() {
        1 => Ok(()),
        count => Err(format!("it becomes {count} functions")),
    }
}

fn function(item: &TokenStream) -> Result<(), String> {
    let written: ImplItemFn = syn::parse2(item.clone()).map_err(|error| error.to_string())?;
    let spawns = mentions_spawn(item);
    let handles = Shape::returned(&written.sig).is_some();
    for (attribute, args) in ATTRIBUTES {
        let told = |fault: String| format!("{fault}\n#[{attribute}({args})]");
        let case = Case::on(attribute, args, item.clone());
        let (outcome, expanded) = case.judge().map_err(told)?;
        match outcome {
            Outcome::Changed if *attribute != "main" => {
                same_types(&written, expanded).map_err(told)?;
            }
            _ => {}
        }
        let unwinds = *attribute == "must_join" || *args == "on_panic = \"unwind\"";
        if unwinds && outcome == Outcome::Changed && !spawns && !handles {
            return Err(told("it spawns nothing and is changed".to_owned()));
        }
    }
    // What only an impl may have, as a `default fn`, a module has not.
    if !spawns && syn::parse2::<syn::ItemFn>(item.clone()).is_ok() {
        // Beside something that mentions a spawn, it is read.
        let module = quote!(mod m { fn spawn() {} #item });
        let case = Case::on("guarded", "", module);
        if case.judge()?.0 != Outcome::Unchanged {
            return Err("it spawns nothing and is changed in a module".to_owned());
        }
    }
    Ok(())
}

fn container(item: &TokenStream) -> Result<(), String> {
    for (attribute, args) in [("guarded", ""), ("guarded", "or = x"), ("must_join", "")] {
        let told = |fault: String| format!("{fault}\n#[{attribute}({args})]");
        Case::on(attribute, args, item.clone())
            .judge()
            .map_err(told)?;
    }
    Ok(())
}

/// Whether a text is one of so many that are taken, which depends on nothing but the text.
fn is_taken(text: &str, share: usize) -> bool {
    text.bytes().map(usize::from).sum::<usize>() % share == 0
}

#[test]
fn the_functions_of_real_code_expand_and_keep_their_types() {
    let share = crate::number("REJOIN_SHARE")
        .and_then(|share| usize::try_from(share).ok())
        .unwrap_or(SHARE)
        .max(1);
    let mut files = Vec::new();
    for package in packages() {
        sources(&package, &mut files);
    }
    files.sort();
    files.dedup();
    let next = AtomicUsize::new(0);
    let [read, functions, containers, seen] = [const { AtomicUsize::new(0) }; 4];
    let faults = Mutex::new(Vec::new());
    let judge = |path: &Path, item: &TokenStream, of: fn(&TokenStream) -> Result<(), String>| {
        let judged = catch_unwind(AssertUnwindSafe(|| of(item)))
            .unwrap_or_else(|_| Err("it panics".to_owned()));
        if let Err(fault) = judged {
            let mut faults = faults.lock().expect("nobody panics with it");
            faults.push(format!("{}: {fault} {item}", path.display()));
        }
    };
    let work = || {
        while let Some(path) = files.get(next.fetch_add(1, Relaxed)) {
            let Ok(text) = std::fs::read_to_string(path) else {
                continue;
            };
            // Of the files that mention no spawn some are enough.
            if !text.contains("spawn") && !is_taken(&text, share.div_ceil(10)) {
                continue;
            }
            if let Ok(file) = syn::parse_file(&text) {
                read.fetch_add(1, Relaxed);
                let mut found = Found::default();
                found.visit_file(&file);
                for item in &found.functions {
                    seen.fetch_add(1, Relaxed);
                    // Those that may change are few.
                    let often = usize::from(mentions_spawn(item)) * 9 + 1;
                    if is_taken(&item.to_string(), share.div_ceil(often)) {
                        functions.fetch_add(1, Relaxed);
                        judge(path, item, function);
                    }
                }
                for item in &found.containers {
                    if is_taken(&item.to_string(), share) {
                        containers.fetch_add(1, Relaxed);
                        judge(path, item, container);
                    }
                }
            }
            // The text of every file that was parsed is kept for its spans.
            proc_macro2::extra::invalidate_current_thread_spans();
        }
    };
    std::thread::scope(|scope| {
        let threads = std::thread::available_parallelism().map_or(1, usize::from);
        for _ in 0..threads.min(8) {
            let thread = std::thread::Builder::new().stack_size(64 << 20);
            thread.spawn_scoped(scope, work).expect("a thread");
        }
    });
    let [read, functions, containers, seen] =
        [read, functions, containers, seen].map(AtomicUsize::into_inner);
    println!(
        "REJOIN_SHARE={share}: {functions} functions and {containers} impls, traits and modules, of {seen} in {read} files of {}",
        files.len()
    );
    let faults = faults.into_inner().expect("nobody panics with it");
    assert!(
        faults.is_empty(),
        "{} faults:\n{}",
        faults.len(),
        faults[..faults.len().min(5)].join("\n\n")
    );
    // Else it would prove little.
    assert!(functions > 200, "{functions} functions");
}

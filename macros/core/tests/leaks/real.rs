//! The verdicts on the functions of real code.
//!
//! `REJOIN_SOURCES=~/.cargo/registry/src cargo test -p rejoin-macros-core --test leaks real -- --nocapture` prints each refusal in
//! the sources of a folder; by default the examples of this workspace are read.

use std::path::{Path, PathBuf};

use rejoin_macros_core::leak::report::{Options, escapes_of, leaks_of};
use rejoin_macros_core::scan::Around;
use syn::ImplItemFn;
use syn::visit::{self, Visit};

#[derive(Default)]
struct Verdicts {
    functions: usize,
    file: String,
    refusals: Vec<String>,
}

impl Verdicts {
    fn judge(&mut self, function: impl quote::ToTokens) {
        let Ok(function) = syn::parse2::<ImplItemFn>(function.to_token_stream()) else {
            return;
        };
        self.functions += 1;
        let around = || {
            let (name, at) = (&function.sig.ident, function.sig.ident.span().start());
            Around::At(
                self.file.clone().into(),
                at.line,
                at.column,
                name.to_string(),
            )
        };
        for leak in leaks_of(&function, around(), &Options::default()) {
            let line = |span: proc_macro2::Span| span.start().line;
            self.refusals.push(format!(
                "{}:{} leak at {}: {}",
                self.file,
                line(leak.spawn),
                leak.exit.map_or(0, line),
                leak.message
            ));
        }
        if function.sig.asyncness.is_none() {
            return;
        }
        for escape in escapes_of(&function, around()) {
            self.refusals.push(format!(
                "{}:{} escape at {}: {}",
                self.file,
                escape.spawn.start().line,
                escape.exit.start().line,
                escape.exit_message
            ));
        }
    }
}

impl<'ast> Visit<'ast> for Verdicts {
    fn visit_item_fn(&mut self, item: &'ast syn::ItemFn) {
        self.judge(item);
        visit::visit_item_fn(self, item);
    }

    fn visit_impl_item_fn(&mut self, item: &'ast ImplItemFn) {
        self.judge(item);
        visit::visit_impl_item_fn(self, item);
    }
}

fn sources(folder: &Path, found: &mut Vec<PathBuf>) {
    let mut paths: Vec<_> = std::fs::read_dir(folder)
        .into_iter()
        .flatten()
        .flatten()
        .map(|entry| entry.path())
        .collect();
    paths.sort();
    for path in paths {
        if path.is_dir() && !path.ends_with("target") {
            sources(&path, found);
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            found.push(path);
        }
    }
}

#[test]
fn real_code_is_read() {
    let folder = std::env::var_os("REJOIN_SOURCES")
        .map_or_else(|| PathBuf::from("../../examples/src"), PathBuf::from);
    let mut paths = Vec::new();
    sources(&folder, &mut paths);
    let mut verdicts = Verdicts::default();
    for path in paths {
        let Ok(text) = std::fs::read_to_string(&path) else {
            continue;
        };
        if !text.contains("spawn") {
            continue;
        }
        // A file may be no Rust, or be one of a later edition.
        if let Ok(file) = syn::parse_file(&text) {
            verdicts.file = path.display().to_string();
            verdicts.visit_file(&file);
        }
        proc_macro2::extra::invalidate_current_thread_spans();
    }
    for refusal in &verdicts.refusals {
        println!("{refusal}");
    }
    println!("{} functions", verdicts.functions);
    assert!(
        verdicts.functions > 0,
        "no functions in {}",
        folder.display()
    );
}

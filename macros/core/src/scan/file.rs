//! The file around an item, read once per process, and the files of the modules around and beside it.
//!
//! Only the declarations of modules are read; a body is looked into where an item inside of it is asked for.

use std::collections::HashMap;
use std::path::{Path, PathBuf};
use std::sync::{Arc, LazyLock, Mutex, PoisonError};
use std::time::SystemTime;

use super::names::{Declaration, Kind, Place, Tree};
use super::reader::{Body, parse, read_block};

/// Where an item stands in a file.
#[derive(Debug)]
pub struct Located {
    /// The module and the blocks around, from outside to inside.
    pub places: Vec<Place>,
    pub generics: Vec<String>,
}

struct Cached {
    modified: Option<SystemTime>,
    length: u64,
    tree: Arc<Tree>,
}

static FILES: LazyLock<Mutex<HashMap<PathBuf, Cached>>> = LazyLock::new(Mutex::default);

/// The declarations of a file, as it stands on the disk now.
pub fn read(path: &Path) -> Option<Arc<Tree>> {
    let metadata = std::fs::metadata(path).ok()?;
    let (modified, length) = (metadata.modified().ok(), metadata.len());
    let mut files = FILES.lock().unwrap_or_else(PoisonError::into_inner);
    if let Some(cached) = files.get(path)
        && (cached.modified, cached.length) == (modified, length)
    {
        return Some(Arc::clone(&cached.tree));
    }
    let tree = Arc::new(parse(std::fs::read_to_string(path).ok()?, Some(path)));
    let cached = Cached {
        modified,
        length,
        tree: Arc::clone(&tree),
    };
    files.insert(path.to_owned(), cached);
    Some(tree)
}

/// Finds an item by the place of its name, or of `impl`: the line from one on, the column in characters from zero on.
pub fn locate(tree: &Arc<Tree>, line: usize, column: usize, name: &str) -> Option<Located> {
    let lines = tree.lines.get_or_init(|| {
        let ends = tree.text.match_indices('\n');
        let begins = ends.map(|(end, _)| end + 1);
        [0].into_iter().chain(begins).collect()
    });
    // A span that stands nowhere is in line zero.
    let line_start = *lines.get(line.checked_sub(1)?)?;
    let row = tree.text[line_start..].split('\n').next()?;
    let target = line_start + row.char_indices().nth(column)?.0;
    let mut places = Vec::new();
    let mut tree = Arc::clone(tree);
    loop {
        if let Some(spot) = tree.spots.get(&target) {
            if spot.name != name {
                return None;
            }
            places.push(Place {
                tree: Arc::clone(&tree),
                module: spot.module,
            });
            let generics = spot.generics.clone();
            return Some(Located { places, generics });
        }
        let is_around = |body: &&Body| (body.begin..body.end).contains(&target);
        let body = tree.bodies.iter().find(is_around)?.clone();
        places.push(Place {
            tree: Arc::clone(&tree),
            module: body.module,
        });
        tree = blocks(&tree, &body, target, &mut places)?;
    }
}

/// Reads the blocks of a body around a place; the innermost comes last and is given back.
fn blocks(
    tree: &Arc<Tree>,
    body: &Body,
    target: usize,
    places: &mut Vec<Place>,
) -> Option<Arc<Tree>> {
    let (mut begin, mut end) = (body.begin, body.end);
    loop {
        let (mut block, around) = read_block(&tree.text[..end], begin, target);
        block.text = Arc::clone(&tree.text);
        let block = Arc::new(block);
        let Some((inner_begin, inner_end, of_macro)) = around else {
            return Some(block);
        };
        if of_macro {
            return None;
        }
        places.push(Place::root(block));
        (begin, end) = (inner_begin, inner_end);
    }
}

/// The module that declares the file of a tree.
pub fn parent(tree: &Tree) -> Option<Place> {
    tree.parent.get_or_init(|| find_parent(tree)).clone()
}

fn find_parent(tree: &Tree) -> Option<Place> {
    let path = tree.path.as_deref()?;
    let mut dir = path.parent()?;
    let name = match path.file_stem()?.to_str()? {
        _ if is_root(tree) => return None,
        "lib" | "main" => return None,
        "mod" => {
            let name = dir.file_name()?.to_str()?;
            dir = dir.parent()?;
            name
        }
        name => name,
    };
    let declares = |path: PathBuf| {
        let tree = read(&path)?;
        let declared = tree.modules[0].names.get(name)?;
        let by_file = |it: &Declaration| matches!(it.kind, Kind::File);
        declared.iter().any(by_file).then_some(tree)
    };
    let beside = |name: &str| declares(dir.join(name));
    let above = || {
        let file = format!("{}.rs", dir.file_name()?.to_str()?);
        declares(dir.parent()?.join(file))
    };
    let root = || {
        let file = std::env::var("CARGO_CRATE_NAME").ok()?;
        is_target(&dir.join("any")).then(|| beside(&format!("{file}.rs")))?
    };
    // A package may declare it in both of its crates.
    let [first, second] = if is_binary() {
        ["main.rs", "lib.rs"]
    } else {
        ["lib.rs", "main.rs"]
    };
    let tree = beside("mod.rs")
        .or_else(|| beside(first))
        .or_else(|| beside(second))
        .or_else(above)
        .or_else(root)?;
    Some(Place::root(tree))
}

fn is_binary() -> bool {
    std::env::var_os("CARGO_BIN_NAME").is_some()
}

/// Whether a file stands where Cargo looks for targets.
fn is_target(path: &Path) -> bool {
    let manifest = std::env::var_os("CARGO_MANIFEST_DIR").map(PathBuf::from);
    let dir = std::path::absolute(path).ok();
    let dir = dir.as_deref().and_then(Path::parent);
    manifest.is_some_and(|manifest| {
        let mut targets = ["tests", "examples", "benches", "src/bin"].iter();
        targets.any(|target| dir == Some(&manifest.join(target)))
    })
}

/// Whether a file is the root of a crate.
pub fn is_root(tree: &Tree) -> bool {
    let Some(path) = tree.path.as_deref() else {
        return false;
    };
    match path.file_stem().and_then(|stem| stem.to_str()) {
        Some("lib") => !is_binary(),
        Some("main") => true,
        Some(name) => {
            let krate = std::env::var("CARGO_CRATE_NAME");
            krate.is_ok_and(|krate| krate == name.replace('-', "_")) && is_target(path)
        }
        None => false,
    }
}

/// The file of a module that a tree declares.
pub fn child(place: &Place, name: &str) -> Option<Place> {
    let path = place.tree.path.as_deref()?;
    let mut dir = path.parent()?.to_owned();
    let stem = path.file_stem()?;
    if !is_root(&place.tree) && stem != "mod" && stem != "lib" {
        dir.push(stem);
    }
    let mut inline = Vec::new();
    let mut module = place.get();
    while let Some(parent) = module.parent {
        inline.push(&module.name);
        module = &place.tree.modules[parent];
    }
    dir.extend(inline.into_iter().rev());
    let found = (
        read(&dir.join(format!("{name}.rs"))),
        read(&dir.join(name).join("mod.rs")),
    );
    match found {
        (Some(tree), None) | (None, Some(tree)) => Some(Place::root(tree)),
        _ => None,
    }
}

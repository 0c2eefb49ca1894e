//! What the benches have in common: the words of their command line, and the figures that they put into the docs.

use std::fs;
use std::path::Path;

/// The command line of a bench: `--save`, and words that pick tables or rows.
pub(crate) struct Arguments {
    picked: Vec<String>,
    save: bool,
}

impl Arguments {
    pub(crate) fn get() -> Self {
        let (options, picked): (Vec<_>, Vec<_>) = std::env::args()
            .skip(1)
            .partition(|argument| argument.starts_with("--"));
        let save = options.iter().any(|option| option == "--save");
        Self { picked, save }
    }

    /// Whether it is named, or nothing is.
    pub(crate) fn pick(&self, name: &str) -> bool {
        self.picked.is_empty() || self.picked.iter().any(|word| name.contains(word.as_str()))
    }

    /// Puts a file into the docs, if that is asked for.
    pub(crate) fn save(&self, file: &str, text: &str) {
        if self.save {
            let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/measured");
            fs::create_dir_all(&folder).expect("a folder for what is measured");
            fs::write(folder.join(file), text).expect("a file for what is measured");
        }
    }
}

//! The declarations of a file's text.

use std::path::Path;

use syn::Item;

use super::lexer::{Lexer, Token};
use super::names::{Declaration, Import, Kind, Namespace, STRUCT, Tree, Visibility, print};

/// An item that an attribute can stand on, at the offset of its name, or of `impl`.
#[derive(Clone, Debug)]
pub(super) struct Spot {
    pub(super) name: String,
    pub(super) module: usize,
    /// The parameters of the `impl` or the trait around.
    pub(super) generics: Vec<String>,
}

/// The text of a function's body.
#[derive(Clone, Debug)]
pub(super) struct Body {
    pub(super) begin: usize,
    pub(super) end: usize,
    pub(super) module: usize,
}

/// The declarations of a text. Lines and columns count without a byte order mark, as rustc's do.
pub fn parse(mut text: String, path: Option<&Path>) -> Tree {
    if text.starts_with('\u{feff}') {
        text.drain(..'\u{feff}'.len_utf8());
    }
    let mut tree = Tree::new(false);
    tree.path = path.map(Path::to_owned);
    let mut reader = Reader::new(&text, after_shebang(&text), &mut tree);
    reader.items(0, Mode::MODULE);
    tree.text = text.into();
    tree
}

/// The declarations of items: of a module, or of a block.
pub fn read_items<'a>(items: impl Iterator<Item = &'a Item>, is_block: bool) -> Tree {
    let mut text = String::new();
    print(items, &mut text);
    let mut tree = Tree::new(is_block);
    let mode = Mode {
        enters: !is_block,
        locates: false,
        ..Mode::MODULE
    };
    Reader::new(&text, 0, &mut tree).items(0, mode);
    tree
}

/// Reads a block of a text around a place; gives the bracket inside of it that is around the place as well, and whether that
/// holds the input of a macro.
pub(super) fn read_block(
    text: &str,
    begin: usize,
    target: usize,
) -> (Tree, Option<(usize, usize, bool)>) {
    let mut block = Tree::new(true);
    let mut reader = Reader::new(text, begin, &mut block);
    reader.target = Some(target);
    reader.items(0, Mode::BLOCK);
    let around = reader.around;
    (block, around)
}

/// `#!` begins an attribute only where a bracket follows.
fn after_shebang(text: &str) -> usize {
    let is_attribute = || Lexer::new(text, 2).peek() == Token::Open(b'[');
    if text.starts_with("#!") && !is_attribute() {
        return text.find('\n').unwrap_or(text.len());
    }
    0
}

/// How items are read.
#[derive(Clone, Copy)]
struct Mode {
    /// The items are names of the module, and not of an `impl` or a trait.
    declares: bool,
    conditional: bool,
    /// A bracket that belongs to no item holds the input of a macro, which may be items.
    enters: bool,
    /// An item that is found here stands here: it is not made by a macro.
    locates: bool,
}

impl Mode {
    const MODULE: Self = Self {
        declares: true,
        conditional: false,
        enters: true,
        locates: true,
    };
    const INPUT: Self = Self {
        conditional: true,
        locates: false,
        ..Self::MODULE
    };
    const BLOCK: Self = Self {
        enters: false,
        ..Self::MODULE
    };
}

/// The attributes and the visibility in front of an item.
#[derive(Default)]
struct Front {
    conditional: bool,
    macro_use: bool,
    path: bool,
    visibility: Visibility,
}

/// How much of a macro's call stands before a bracket.
#[derive(Clone, Copy, PartialEq)]
enum Call {
    Nothing,
    Name,
    Bang,
}

/// Keywords after which `!` negates.
const EXPRESSIONS: &[&str] = &["break", "else", "if", "in", "match", "return", "while"];

/// Nested deeper than this, nothing is read.
const DEPTH: usize = 100;

struct Reader<'a, 't> {
    lexer: Lexer<'a>,
    tree: &'t mut Tree,
    generics: Vec<String>,
    depth: usize,
    /// A place in a block, and the bracket around it: from where to where, and whether it is the input of a macro.
    target: Option<usize>,
    around: Option<(usize, usize, bool)>,
}

impl<'a, 't> Reader<'a, 't> {
    fn new(text: &'a str, at: usize, tree: &'t mut Tree) -> Self {
        Self {
            lexer: Lexer::new(text, at),
            tree,
            generics: Vec::new(),
            depth: 0,
            target: None,
            around: None,
        }
    }

    /// Reads up to the closing bracket or the end.
    fn items(&mut self, module: usize, mode: Mode) {
        if self.depth >= DEPTH {
            return self.lexer.skip_group();
        }
        self.depth += 1;
        let mut front = Front::default();
        // How much of `name! word` stands before.
        let mut path = Call::Nothing;
        loop {
            let before = std::mem::replace(&mut path, Call::Nothing);
            match self.lexer.next() {
                Token::End | Token::Close => break,
                Token::Punct(b'#') => {
                    self.attribute(&mut front);
                    continue;
                }
                Token::Word("pub") => {
                    front.visibility = self.visibility();
                    continue;
                }
                Token::Word("unsafe" | "async" | "default" | "safe" | "auto") => continue,
                Token::Open(_) if mode.enters => self.items(module, Mode::INPUT),
                Token::Open(_) => self.skip_bracket(before == Call::Bang),
                Token::Punct(b'!') if before == Call::Name => path = Call::Bang,
                // The name of a calling convention.
                Token::Literal => continue,
                Token::Word("macro_rules") if self.lexer.peek() == Token::Punct(b'!') => {
                    self.lexer.next();
                    let macros = Kind::Item(Namespace::Macro as u8);
                    self.braced(module, mode, &front, macros);
                }
                Token::Word(word) => {
                    if self.keyword(word, module, mode, &front) {
                        continue;
                    }
                    path = match before {
                        Call::Bang => Call::Bang,
                        _ if EXPRESSIONS.contains(&word) => Call::Nothing,
                        _ => Call::Name,
                    };
                }
                _ => {}
            }
            front = Front::default();
        }
        self.depth -= 1;
    }

    /// Reads the item that a keyword begins; gives whether the keyword was a modifier of one.
    fn keyword(&mut self, word: &str, module: usize, mode: Mode, front: &Front) -> bool {
        use Namespace::{Macro, Type, Value};
        let item = |namespace: Namespace| Kind::Item(namespace as u8);
        match word {
            "use" => self.import(module, mode, front),
            "extern" => match self.lexer.peek() {
                Token::Word("crate") => self.extern_crate(module, mode, front),
                // `extern "C" fn`, or a block of declarations, whose names are no paths of interest.
                _ => return true,
            },
            "mod" => self.module(module, mode, front),
            "fn" => self.function(module, mode, front),
            "impl" => self.members(module, mode, "impl"),
            "trait" => {
                if let Some(name) = self.named(module, mode, front, item(Type)) {
                    self.members(module, mode, name);
                }
            }
            "struct" => self.braced(module, mode, front, Kind::Item(STRUCT)),
            "enum" => self.braced(module, mode, front, item(Type)),
            "type" => self.value(module, mode, front, item(Type)),
            "union" if matches!(self.lexer.peek(), Token::Word(_) | Token::Raw(_)) => {
                self.braced(module, mode, front, item(Type));
            }
            "static" => {
                if matches!(self.lexer.peek(), Token::Word("mut")) {
                    self.lexer.next();
                }
                self.value(module, mode, front, item(Value));
            }
            "const" => {
                let mut ahead = self.lexer;
                let is_modifier = matches!(
                    ahead.next(),
                    Token::Word("fn" | "unsafe" | "async" | "extern")
                );
                if is_modifier {
                    return true;
                }
                // Not `*const T`, and no `const {}`.
                if ahead.next() == Token::Punct(b':') && ahead.next() != Token::Punct(b':') {
                    self.value(module, mode, front, item(Value));
                }
            }
            "macro" => self.braced(module, mode, front, item(Macro)),
            _ => {}
        }
        false
    }

    fn attribute(&mut self, front: &mut Front) {
        if self.lexer.peek() == Token::Punct(b'!') {
            self.lexer.next();
        }
        if !matches!(self.lexer.peek(), Token::Open(b'[')) {
            return;
        }
        self.lexer.next();
        match self.lexer.peek() {
            Token::Word("cfg") => front.conditional = true,
            Token::Word("macro_use") => front.macro_use = true,
            Token::Word("path") => front.path = true,
            _ => {}
        }
        self.lexer.skip_group();
    }

    fn visibility(&mut self) -> Visibility {
        if self.lexer.peek() != Token::Open(b'(') {
            return Visibility::Crate;
        }
        self.lexer.next();
        let visibility = match self.lexer.peek() {
            Token::Word("self") => Visibility::Private,
            Token::Word("super") => Visibility::Super,
            _ => Visibility::Crate,
        };
        self.lexer.skip_group();
        visibility
    }

    fn declare(&mut self, module: usize, mode: Mode, front: &Front, name: &str, kind: Kind) {
        if mode.declares {
            let declaration = Declaration {
                kind,
                conditional: front.conditional || mode.conditional,
                visibility: front.visibility,
            };
            self.tree.declare(module, name, declaration);
        }
    }

    /// Reads and declares a name, and gives it.
    fn named(&mut self, module: usize, mode: Mode, front: &Front, kind: Kind) -> Option<&'a str> {
        match self.lexer.peek() {
            Token::Word(name) | Token::Raw(name) => {
                self.lexer.next();
                self.declare(module, mode, front, name, kind);
                Some(name)
            }
            _ => None,
        }
    }

    /// An item of which the name alone counts, and which may end with braces.
    fn braced(&mut self, module: usize, mode: Mode, front: &Front, kind: Kind) {
        if self.named(module, mode, front, kind).is_some() {
            self.skip_item(true);
        }
    }

    /// An item of which the name alone counts, and which ends with a semicolon.
    fn value(&mut self, module: usize, mode: Mode, front: &Front, kind: Kind) {
        if self.named(module, mode, front, kind).is_some() {
            self.skip_item(false);
        }
    }

    /// Goes behind the semicolon that ends an item, or behind the first braces.
    fn skip_item(&mut self, braces: bool) {
        loop {
            match self.lexer.peek() {
                Token::Close | Token::End => return,
                Token::Open(open) => {
                    self.lexer.next();
                    self.skip_bracket(false);
                    if open == b'{' && braces {
                        return;
                    }
                }
                token => {
                    self.lexer.next();
                    if token == Token::Punct(b';') {
                        return;
                    }
                }
            }
        }
    }

    /// Skips a bracket just opened, and notes whether the place asked for is in it.
    fn skip_bracket(&mut self, of_macro: bool) {
        let begin = self.lexer.at;
        self.lexer.skip_group();
        let end = self.lexer.start;
        if self
            .target
            .is_some_and(|target| (begin..end).contains(&target))
        {
            self.around = Some((begin, end, of_macro));
        }
    }

    fn module(&mut self, module: usize, mode: Mode, front: &Front) {
        let (Token::Word(name) | Token::Raw(name)) = self.lexer.next() else {
            return;
        };
        self.spot(name, module, mode);
        if self.lexer.peek() != Token::Open(b'{') {
            let kind = if front.path { Kind::Unread } else { Kind::File };
            return self.declare(module, mode, front, name, kind);
        }
        self.lexer.next();
        let child = self.tree.child(module, name);
        self.declare(module, mode, front, name, Kind::Module(child));
        let inner = Mode {
            conditional: false,
            enters: true,
            ..mode
        };
        self.items(child, inner);
    }

    /// Notes an item whose name, or `impl`, was read last.
    fn spot(&mut self, name: &str, module: usize, mode: Mode) {
        if mode.locates {
            let spot = Spot {
                name: name.to_owned(),
                module,
                generics: self.generics.clone(),
            };
            self.tree.spots.insert(self.lexer.start, spot);
        }
    }

    fn function(&mut self, module: usize, mode: Mode, front: &Front) {
        let Some(name) = self.named(module, mode, front, Kind::Item(Namespace::Value as u8)) else {
            return;
        };
        self.spot(name, module, mode);
        if self.skip_to_brace() {
            let begin = self.lexer.at;
            self.lexer.skip_group();
            let end = self.lexer.start;
            if mode.locates {
                self.tree.bodies.push(Body { begin, end, module });
            }
        }
    }

    /// Goes behind the brace that opens an item's body; gives whether there is one.
    fn skip_to_brace(&mut self) -> bool {
        let mut before = Token::End;
        loop {
            let token = self.lexer.peek();
            match token {
                Token::Close | Token::End => return false,
                // In `Foo<{ N }>` an argument.
                Token::Open(b'{') if before != Token::Punct(b'<') => {
                    self.lexer.next();
                    return true;
                }
                Token::Open(_) => {
                    self.lexer.next();
                    self.lexer.skip_group();
                }
                _ => {
                    self.lexer.next();
                    if token == Token::Punct(b';') {
                        return false;
                    }
                }
            }
            before = token;
        }
    }

    /// The functions of an `impl` or a trait.
    fn members(&mut self, module: usize, mode: Mode, name: &str) {
        self.spot(name, module, mode);
        let generics = self.parameters();
        if self.skip_to_brace() {
            let outer = std::mem::replace(&mut self.generics, generics);
            let mode = Mode {
                declares: false,
                enters: false,
                ..mode
            };
            self.items(module, mode);
            self.generics = outer;
        }
    }

    /// The names of `<'a, T: Bound, const N: usize>`.
    fn parameters(&mut self) -> Vec<String> {
        let mut found = Vec::new();
        if self.lexer.peek() != Token::Punct(b'<') {
            return found;
        }
        let mut depth = 0_usize;
        let mut before = Token::End;
        loop {
            let token = self.lexer.peek();
            let begins =
                depth == 1 && matches!(before, Token::Punct(b'<' | b',') | Token::Word("const"));
            match token {
                Token::Close | Token::End | Token::Open(b'{') => return found,
                Token::Word("const") => {}
                Token::Word(name) | Token::Raw(name) if begins => found.push(name.to_owned()),
                Token::Punct(b'<') => depth += 1,
                Token::Punct(b'>') if !matches!(before, Token::Punct(b'-' | b'=')) => depth -= 1,
                _ => {}
            }
            self.lexer.next();
            if let Token::Open(_) = token {
                self.lexer.skip_group();
            }
            if depth == 0 {
                return found;
            }
            before = token;
        }
    }

    fn extern_crate(&mut self, module: usize, mode: Mode, front: &Front) {
        self.lexer.next();
        let (Token::Word(krate) | Token::Raw(krate)) = self.lexer.next() else {
            return;
        };
        let name = self.rename().unwrap_or(krate);
        let import = Import {
            absolute: true,
            prefix: &[],
            conditional: front.conditional || mode.conditional,
            visibility: front.visibility,
        };
        self.tree
            .extern_crate(module, &import, krate, name, front.macro_use);
    }

    /// `as name`
    fn rename(&mut self) -> Option<&'a str> {
        if self.lexer.peek() != Token::Word("as") {
            return None;
        }
        self.lexer.next();
        match self.lexer.next() {
            Token::Word(name) | Token::Raw(name) => Some(name),
            _ => None,
        }
    }

    fn import(&mut self, module: usize, mode: Mode, front: &Front) {
        let import = Import {
            absolute: false,
            prefix: &[],
            conditional: front.conditional || mode.conditional,
            visibility: front.visibility,
        };
        self.use_tree(module, &import, 0);
    }

    fn use_tree(&mut self, module: usize, import: &Import<'_>, depth: usize) {
        let mut prefix = import.prefix.to_vec();
        let mut absolute = import.absolute;
        loop {
            let inner = Import {
                absolute,
                prefix: &prefix,
                ..*import
            };
            match self.lexer.peek() {
                Token::Punct(b':') => {
                    absolute = true;
                    self.colons();
                }
                Token::Punct(b'*') => {
                    self.lexer.next();
                    return self.tree.import(module, &inner, "*", "");
                }
                Token::Open(b'{') => {
                    self.lexer.next();
                    if depth >= DEPTH {
                        return self.lexer.skip_group();
                    }
                    loop {
                        match self.lexer.peek() {
                            Token::Word(_) | Token::Raw(_) => {}
                            Token::Open(b'{') | Token::Punct(b'*' | b':') => {}
                            Token::Punct(b',') => {
                                self.lexer.next();
                                continue;
                            }
                            _ => return self.lexer.skip_group(),
                        }
                        self.use_tree(module, &inner, depth + 1);
                    }
                }
                Token::Word(name) | Token::Raw(name) => {
                    self.lexer.next();
                    if self.lexer.peek() != Token::Punct(b':') {
                        let alias = self.rename().unwrap_or(name);
                        return self.tree.import(module, &inner, name, alias);
                    }
                    self.colons();
                    prefix.push(name.to_owned());
                }
                _ => return,
            }
        }
    }

    fn colons(&mut self) {
        while self.lexer.peek() == Token::Punct(b':') {
            self.lexer.next();
        }
    }
}

//! The declarations of a file's text.

use std::path::Path;

use syn::Item;

use super::lexer::{Lexer, Token};
use super::names::{Declaration, Kind, Namespace, STRUCT, Tree, Visibility, print};

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
pub(super) struct Mode {
    /// The items are names of the module, and not of an `impl` or a trait.
    pub(super) declares: bool,
    /// A bracket that belongs to no item holds the input of a macro, which may be items.
    pub(super) enters: bool,
    /// The items are the input of a macro: it may leave them out, and put them elsewhere.
    pub(super) of_macro: bool,
}

impl Mode {
    const MODULE: Self = Self {
        declares: true,
        enters: true,
        of_macro: false,
    };
    const INPUT: Self = Self {
        of_macro: true,
        ..Self::MODULE
    };
    const BLOCK: Self = Self {
        enters: false,
        ..Self::MODULE
    };
}

/// The attributes and the visibility in front of an item.
#[derive(Default)]
pub(super) struct Front {
    pub(super) conditional: bool,
    pub(super) macro_use: bool,
    pub(super) path: bool,
    pub(super) visibility: Visibility,
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
pub(super) const DEPTH: usize = 100;

pub(super) struct Reader<'a, 't> {
    pub(super) lexer: Lexer<'a>,
    pub(super) tree: &'t mut Tree,
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
            match self.lexer.advance() {
                Token::End | Token::Close => break,
                Token::Punct(b'#') => {
                    self.attribute(&mut front);
                    continue;
                }
                Token::Word("pub") => {
                    front.visibility = self.visibility();
                    continue;
                }
                // Modifiers, and the name of a calling convention.
                Token::Word("unsafe" | "async" | "default" | "safe" | "auto") | Token::Literal => {
                    continue;
                }
                Token::Open(_) if mode.enters => self.items(module, Mode::INPUT),
                Token::Open(_) => {
                    self.skip_bracket(before == Call::Bang);
                }
                Token::Punct(b'!') if before == Call::Name => path = Call::Bang,
                Token::Word("macro_rules") if self.lexer.peek() == Token::Punct(b'!') => {
                    self.lexer.advance();
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
                    self.lexer.advance();
                }
                self.value(module, mode, front, item(Value));
            }
            "const" => {
                let mut ahead = self.lexer;
                let name = ahead.advance();
                if matches!(name, Token::Word("fn" | "unsafe" | "async" | "extern")) {
                    return true;
                }
                // Not `*const T`, `*const a::T` or `const {}`.
                let is_colon = ahead.advance() == Token::Punct(b':');
                let colon = ahead.start;
                let is_path = ahead.advance() == Token::Punct(b':') && ahead.start == colon + 1;
                if is_colon && !is_path {
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
            self.lexer.advance();
        }
        if !matches!(self.lexer.peek(), Token::Open(b'[')) {
            return;
        }
        self.lexer.advance();
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
        self.lexer.advance();
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
                conditional: front.conditional || mode.of_macro,
                visibility: front.visibility,
            };
            self.tree.declare(module, name, declaration);
        }
    }

    /// Reads and declares a name, and gives it.
    fn named(&mut self, module: usize, mode: Mode, front: &Front, kind: Kind) -> Option<&'a str> {
        match self.lexer.peek() {
            Token::Word(name) | Token::Raw(name) => {
                self.lexer.advance();
                self.declare(module, mode, front, name, kind);
                Some(name)
            }
            _ => None,
        }
    }

    /// An item of which the name alone counts, and which may end with braces.
    fn braced(&mut self, module: usize, mode: Mode, front: &Front, kind: Kind) {
        if self.named(module, mode, front, kind).is_some() {
            self.skip_item(module, mode, true);
        }
    }

    /// An item of which the name alone counts, and which ends with a semicolon.
    fn value(&mut self, module: usize, mode: Mode, front: &Front, kind: Kind) {
        if self.named(module, mode, front, kind).is_some() {
            self.skip_item(module, mode, false);
        }
    }

    /// Goes behind the semicolon that ends an item, or behind the first braces; all others may be a block with items.
    fn skip_item(&mut self, module: usize, mode: Mode, braces: bool) {
        loop {
            match self.lexer.peek() {
                Token::Close | Token::End => return,
                Token::Open(open) => {
                    self.lexer.advance();
                    let (begin, end) = self.skip_bracket(false);
                    if open == b'{' && braces {
                        return;
                    }
                    if open == b'{' && !mode.of_macro {
                        self.tree.bodies.push(Body { begin, end, module });
                    }
                }
                token => {
                    self.lexer.advance();
                    if token == Token::Punct(b';') {
                        return;
                    }
                }
            }
        }
    }

    /// Skips a bracket just opened, and notes whether the place asked for is in it; gives from where to where it goes.
    fn skip_bracket(&mut self, of_macro: bool) -> (usize, usize) {
        let begin = self.lexer.at;
        self.lexer.skip_group();
        let end = self.lexer.start;
        if let Some(target) = self.target
            && (begin..end).contains(&target)
        {
            self.around = Some((begin, end, of_macro));
        }
        (begin, end)
    }

    fn module(&mut self, module: usize, mode: Mode, front: &Front) {
        let (Token::Word(name) | Token::Raw(name)) = self.lexer.advance() else {
            return;
        };
        self.spot(name, module, mode);
        if self.lexer.peek() != Token::Open(b'{') {
            let kind = if front.path { Kind::Unread } else { Kind::File };
            return self.declare(module, mode, front, name, kind);
        }
        self.lexer.advance();
        let child = self.tree.child(module, name);
        self.declare(module, mode, front, name, Kind::Module(child));
        let inner = Mode {
            enters: true,
            ..mode
        };
        self.items(child, inner);
    }

    /// Notes an item whose name, or `impl`, was read last.
    fn spot(&mut self, name: &str, module: usize, mode: Mode) {
        if !mode.of_macro {
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
            if !mode.of_macro {
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
                    self.lexer.advance();
                    return true;
                }
                Token::Open(_) => {
                    self.lexer.advance();
                    self.lexer.skip_group();
                }
                _ => {
                    self.lexer.advance();
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
            self.lexer.advance();
            if let Token::Open(_) = token {
                self.lexer.skip_group();
            }
            if depth == 0 {
                return found;
            }
            before = token;
        }
    }
}

//! Reads `use` and `extern crate`.

use super::lexer::Token;
use super::names::Import;
use super::reader::{DEPTH, Front, Mode, Reader};

impl<'a> Reader<'a, '_> {
    pub(super) fn extern_crate(&mut self, module: usize, mode: Mode, front: &Front) {
        self.lexer.advance();
        let (Token::Word(krate) | Token::Raw(krate)) = self.lexer.advance() else {
            return;
        };
        let name = self.rename().unwrap_or(krate);
        let import = Import {
            absolute: true,
            prefix: &[],
            conditional: front.conditional || mode.of_macro,
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
        self.lexer.advance();
        match self.lexer.advance() {
            Token::Word(name) | Token::Raw(name) => Some(name),
            _ => None,
        }
    }

    pub(super) fn import(&mut self, module: usize, mode: Mode, front: &Front) {
        let import = Import {
            absolute: false,
            prefix: &[],
            conditional: front.conditional || mode.of_macro,
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
                    self.lexer.advance();
                    return self.tree.import(module, &inner, "*", "");
                }
                Token::Open(b'{') => {
                    self.lexer.advance();
                    if depth >= DEPTH {
                        return self.lexer.skip_group();
                    }
                    loop {
                        match self.lexer.peek() {
                            Token::Word(_)
                            | Token::Raw(_)
                            | Token::Open(b'{')
                            | Token::Punct(b'*' | b':') => self.use_tree(module, &inner, depth + 1),
                            Token::Punct(b',') => {
                                self.lexer.advance();
                            }
                            _ => return self.lexer.skip_group(),
                        }
                    }
                }
                Token::Word(name) | Token::Raw(name) => {
                    self.lexer.advance();
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
            self.lexer.advance();
        }
    }
}

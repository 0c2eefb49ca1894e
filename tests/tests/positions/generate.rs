//! Functions with spawns in random positions, and what becomes of each.

use std::cmp::Ordering;

use fastrand::Rng;

use super::forms::{AROUND, DISCARDED, Form, HELD, SPELLINGS, Spelling, Truth, VALUES};

/// A spawn in a function.
#[derive(Clone, Debug)]
pub(crate) struct Spawn {
    /// Unique in a program; the task fails with it.
    pub(crate) number: usize,
    pub(crate) truth: Truth,
    pub(crate) spelling: &'static str,
    /// The forms around it, the outermost first.
    pub(crate) forms: Vec<&'static str>,
}

/// Where `spawn` and `task` come from, for the functions that name them so.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Imports {
    None,
    InFunction,
    InModule,
}

#[derive(Clone, Debug)]
pub(crate) struct Function {
    pub(crate) number: usize,
    /// Whether it shows one form, and not some by chance.
    pub(crate) alone: bool,
    pub(crate) imports: Imports,
    pub(crate) body: String,
    pub(crate) spawns: Vec<Spawn>,
}

/// How far statements nest.
const DEPTH: usize = 3;
/// So many spawns are enough for one function.
const SPAWNS: usize = 5;
/// Before each spawn, so that no two share a line.
const NEW_LINE: &str = "\n        ";

/// What may stand at a place.
#[derive(Clone, Copy)]
struct Place {
    depth: usize,
    truth: Truth,
    awaits: bool,
    returns: bool,
}

impl Place {
    fn takes(self, form: &Form) -> bool {
        (self.awaits || !form.awaits()) && (self.returns || !form.returns())
    }

    fn inside(self) -> Self {
        Self {
            depth: self.depth + 1,
            // Blocks and closures return something else than the function.
            returns: false,
            ..self
        }
    }
}

struct Generator {
    rng: Rng,
    taken: bool,
    imports: Imports,
    /// The next spawn of the program.
    number: usize,
    /// The next name.
    names: usize,
    around: Vec<&'static str>,
    spawns: Vec<Spawn>,
}

/// Generates `count` functions, after one for each form on its own.
///
/// No function has `?` unless errors of tasks can be `taken`.
pub(crate) fn functions(seed: u64, count: usize, taken: bool) -> Vec<Function> {
    let mut generator = Generator {
        rng: Rng::with_seed(seed),
        taken,
        imports: Imports::None,
        number: 0,
        names: 0,
        around: Vec::new(),
        spawns: Vec::new(),
    };
    let mut functions = generator.forms_alone();
    while functions.len() < count {
        let number = functions.len();
        functions.push(Function {
            alone: false,
            ..generator.random(number)
        });
    }
    functions
}

impl Generator {
    fn function(
        &mut self,
        number: usize,
        imports: Imports,
        body: impl FnOnce(&mut Self) -> String,
    ) -> Function {
        self.imports = imports;
        self.spawns.clear();
        let body = body(self);
        Function {
            number,
            alone: true,
            imports,
            body,
            spawns: self.spawns.clone(),
        }
    }

    /// Every form around a plain spawn, every value where it is discarded and where it is awaited, and every spelling.
    fn forms_alone(&mut self) -> Vec<Function> {
        let top = Place {
            depth: DEPTH,
            truth: Truth::Function,
            awaits: true,
            returns: self.taken,
        };
        let mut functions = Vec::new();
        for form in DISCARDED.iter().chain(HELD).filter(|form| top.takes(form)) {
            let number = functions.len();
            functions.push(self.function(number, Imports::None, |it| it.form(form, top)));
        }
        let discarded = DISCARDED
            .iter()
            .filter(|form| ["statement", "let _", "drop"].contains(&form.name));
        let around: Vec<&Form> = discarded.chain(&HELD[..1]).collect();
        for value in VALUES {
            let number = functions.len();
            functions.push(self.function(number, Imports::None, |it| {
                let forms = around
                    .iter()
                    .map(|form| it.within(form, |it| it.fill(form, top, Some(value))));
                forms.collect()
            }));
        }
        for form in AROUND {
            let number = functions.len();
            let place = Place {
                depth: DEPTH - 1,
                ..top
            };
            functions.push(self.function(number, Imports::None, |it| it.form(form, place)));
        }
        for spelling in SPELLINGS {
            let imports = if spelling.imported {
                &[Imports::InFunction, Imports::InModule][..]
            } else {
                &[Imports::None]
            };
            for imports in imports {
                let number = functions.len();
                functions.push(self.function(number, *imports, |it| {
                    let discarded = it.spawn(spelling, top);
                    let held = it.spawn(
                        spelling,
                        Place {
                            truth: Truth::Handle,
                            ..top
                        },
                    );
                    format!("{discarded}; told({held}.await);")
                }));
            }
        }
        functions
    }

    fn random(&mut self, number: usize) -> Function {
        let imports = match self.rng.u8(0..10) {
            0 => Imports::InModule,
            1 | 2 => Imports::InFunction,
            _ => Imports::None,
        };
        let top = Place {
            depth: 0,
            truth: Truth::Function,
            awaits: true,
            returns: self.taken,
        };
        self.function(number, imports, |it| {
            let mut body = String::new();
            while it.spawns.is_empty() {
                body += &it.statements(top);
            }
            body
        })
    }

    /// One to three statements; none where there have been enough.
    fn statements(&mut self, place: Place) -> String {
        let mut statements = String::new();
        for _ in 0..self.rng.usize(1..4) {
            if self.spawns.len() >= SPAWNS {
                break;
            }
            let forms = match self.rng.u8(0..10) {
                0..5 => DISCARDED,
                5..7 if place.awaits => HELD,
                _ if place.depth < DEPTH => AROUND,
                _ => DISCARDED,
            };
            let form = loop {
                let form = self.rng.choice(forms).expect("there are forms");
                if place.takes(form) {
                    break form;
                }
            };
            statements += &self.form(form, place);
        }
        statements
    }

    fn within<T>(&mut self, form: &Form, fill: impl FnOnce(&mut Self) -> T) -> T {
        self.around.push(form.name);
        let filled = fill(self);
        self.around.pop();
        filled
    }

    fn form(&mut self, form: &Form, place: Place) -> String {
        self.within(form, |it| it.fill(form, place, None))
    }

    /// A value of type `Handle`.
    fn value(&mut self, place: Place) -> String {
        if place.depth < DEPTH && self.spawns.len() < SPAWNS && self.rng.bool() {
            let form = self.rng.choice(VALUES).expect("there are forms");
            if place.takes(form) {
                return self.within(form, |it| it.fill(form, place.inside(), None));
            }
        }
        self.any_spawn(place)
    }

    fn any_spawn(&mut self, place: Place) -> String {
        let imports = self.imports != Imports::None;
        let spelling = loop {
            let spelling = self.rng.choice(SPELLINGS).expect("there are spellings");
            // What can be imported is, else the function would have it for nothing.
            if spelling.imported == imports {
                break spelling;
            }
        };
        // What is looked at one by one is written in one way.
        let plain = place.depth >= DEPTH && !imports;
        self.spawn(if plain { &SPELLINGS[0] } else { spelling }, place)
    }

    fn spawn(&mut self, spelling: &Spelling, place: Place) -> String {
        let work = self.work(spelling.name, place);
        format!("{NEW_LINE}{}", spelling.template.replace("$W", &work))
    }

    fn work(&mut self, spelling: &'static str, place: Place) -> String {
        let number = self.number;
        self.number += 1;
        self.spawns.push(Spawn {
            number,
            truth: place.truth,
            spelling,
            forms: self.around.clone(),
        });
        format!("work({number})")
    }

    /// Replaces what stands in a template; `value` stands for each value in it, if it is given.
    fn fill(&mut self, form: &Form, place: Place, value: Option<&Form>) -> String {
        let is_value = VALUES.iter().any(|value| std::ptr::eq(value, form));
        // A value is discarded or held by what stands around it.
        let truth = if is_value { place.truth } else { form.truth };
        let name = self.names.to_string();
        self.names += 1;
        let mut text = String::new();
        let mut rest = form.template;
        let mut closure = false;
        while let Some((before, after)) = rest.split_once('$') {
            text += before;
            let (kind, after) = after.split_at(1);
            // All that comes in a template after the head of a closure is in the closure.
            closure |= before.contains('|');
            let place = Place {
                truth,
                awaits: place.awaits && !closure,
                ..place
            };
            let filled = match kind {
                "n" => name.clone(),
                "V" => {
                    let value = match value {
                        Some(value) => {
                            self.within(value, |it| it.fill(value, place.inside(), None))
                        }
                        None => self.value(place.inside()),
                    };
                    // Rust wants parentheses around a labelled block after `break`.
                    if before.contains("break") && value.starts_with('\'') {
                        format!("({value})")
                    } else {
                        value
                    }
                }
                "P" => self.any_spawn(place),
                "W" => NEW_LINE.to_owned() + &self.work("JoinSet::spawn", place),
                "S" => self.statements_inside(place.inside()),
                "C" => self.statements_inside(Place {
                    awaits: false,
                    ..place.inside()
                }),
                other => unreachable!("${other} in a template"),
            };
            text += &filled;
            rest = after;
        }
        text + rest + " "
    }

    /// Statements in a form: one that is plain where it is deep enough, and none in what is deeper.
    fn statements_inside(&mut self, place: Place) -> String {
        match place.depth.cmp(&DEPTH) {
            Ordering::Less => self.statements(place),
            Ordering::Equal => self.form(&DISCARDED[0], place),
            Ordering::Greater => String::new(),
        }
    }
}

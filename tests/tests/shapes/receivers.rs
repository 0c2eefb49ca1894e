//! `self` in every form, in inherent impls.

use crate::support::*;

shape! {
    by_value: unwind or group => {
        own { #[derive(Default)] pub struct S(pub u8); }
        methods (impl S) {
            { pub async fn f(self) -> u8 { tokio::spawn(async move { self.0 }).await.unwrap() } }
            { pub async fn g(mut self) -> u8 { self.0 += 1; self.0 } }
        }
    }
    run { (S(1).f().await, sendable(S(2).g()).await) }
}

shape! {
    by_reference: unwind group => {
        own { pub struct S(pub u8); }
        methods (impl S) {
            { pub async fn f(&self) -> &u8 { pause().await; &self.0 } }
            { pub async fn g(&mut self, x: &u8) -> &mut u8 { self.0 += x; &mut self.0 } }
            ( pub fn h(&self) -> u8 { self.0 } )
        }
    }
    run { let mut s = S(1); let a = *s.f().await; *s.g(&2).await += 1; (a, s.h()) }
}

shape! {
    reference_with_a_lifetime: unwind group => {
        own { pub struct S<'s>(pub &'s str); }
        methods (impl<'s> S<'s>) {
            { pub async fn f<'a>(&'a self) -> &'s str { pause().await; self.0 } }
            { pub async fn g<'a>(&'a mut self, x: &'s str) -> &'a mut &'s str { self.0 = x; &mut self.0 } }
            { pub async fn h(self: &Self, _other: &str) -> &'s str { self.0 } }
        }
    }
    run {
        let a = String::from("a");
        let mut s = S(&a);
        let x = s.f().await;
        (x.len(), (*s.g("bc").await).len(), s.h("").await.len())
    }
}

shape! {
    typed_receivers: unwind group => {
        own { pub struct S(pub u8); }
        methods (impl S) {
            { pub async fn boxed(self: Box<Self>) -> u8 { self.0 } }
            {
                pub async fn shared(self: Arc<Self>) -> u8 {
                    let s = Arc::clone(&self);
                    tokio::spawn(async move { s.0 }).await.unwrap() + self.0
                }
            }
            { pub async fn counted(self: std::rc::Rc<Self>) -> u8 { pause().await; self.0 } }
            { pub async fn pinned(self: Pin<&mut Self>) -> u8 { pause().await; self.get_mut().0 } }
            {
                pub async fn pinned_box(mut self: Pin<Box<Self>>) -> u8 {
                    let s = self.as_mut();
                    s.get_mut().0 += 1;
                    self.0
                }
            }
            { pub async fn reference(self: &Arc<Self>) -> Arc<Self> { pause().await; self.clone() } }
            { pub async fn named(self: S) -> u8 { self.0 } }
            { pub async fn mutable(mut self: Box<Self>) -> Box<u8> { self.0 += 1; Box::new(self.0) } }
        }
    }
    run {
        let rc = std::rc::Rc::new(S(3));
        let arc = Arc::new(S(2));
        (
            S(1).named().await,
            Box::new(S(1)).boxed().await,
            arc.clone().shared().await,
            rc.counted().await,
            Pin::new(&mut S(4)).pinned().await,
            Box::pin(S(5)).pinned_box().await,
            arc.reference().await.0,
            Box::new(S(6)).mutable().await,
        )
    }
}

shape! {
    plain_methods_with_typed_receivers: unwind or => {
        own { #[derive(Default, Clone, Debug, PartialEq)] pub struct S(pub u8); }
        methods (impl S) {
            { pub fn boxed(self: Box<Self>) -> u8 { self.0 } }
            { pub fn pinned(self: Pin<&mut Self>) -> u8 { self.0 } }
            { pub fn consumed(mut self) -> u8 { self.0 += 1; self.0 } }
            { pub fn shared(self: &Arc<Self>) -> Arc<Self> { self.clone() } }
        }
    }
    run {
        (Box::new(S(1)).boxed(), Pin::new(&mut S(2)).pinned(), S(3).consumed(), Arc::new(S(4)).shared().0)
    }
}

shape! {
    self_in_types_and_bodies: unwind group => {
        own { pub struct S<T>(pub T); impl<T> S<T> { const N: usize = 2; } }
        methods (impl<T: Clone + Send + 'static> S<T>) {
            ( pub fn new(x: T) -> Self { Self(x) } )
            {
                pub async fn f(&self) -> [Self; 2] {
                    let Self(x) = self;
                    [Self(x.clone()), Self::clone_of(x)]
                }
            }
            {
                pub async fn g(this: &Self) -> (usize, T) {
                    let copy = this.0.clone();
                    (Self::N, tokio::spawn(async move { copy }).await.unwrap())
                }
            }
        }
        own { impl<T: Clone> S<T> { fn clone_of(x: &T) -> Self { Self(x.clone()) } } }
    }
    run { let s = S(1_u8); let [a, b] = s.f().await; (a.0, b.0, S::g(&s).await) }
}

shape! {
    generic_impl_and_generic_method: unwind group => {
        own { pub struct S<T, const N: usize>(pub [T; N]); }
        methods (impl<T, const N: usize> S<T, N> where T: Clone + Send + Sync) {
            {
                pub async fn f<U: From<T> + Default + Copy, const M: usize>(&self) -> [U; M] {
                    let mut a = [U::default(); M];
                    for (to, from) in a.iter_mut().zip(&self.0) {
                        *to = from.clone().into();
                    }
                    a
                }
            }
            {
                pub async fn first<'a>(&'a self, otherwise: &'a T) -> &'a T
                where
                    T: 'a,
                {
                    self.0.first().unwrap_or(otherwise)
                }
            }
        }
    }
    run { let s = S([1_u8, 2]); (s.f::<u16, 3>().await, *s.first(&0).await) }
}

shape! {
    closures_that_capture_self: unwind group => {
        own { pub struct S { pub all: Vec<u8>, pub count: u8 } }
        methods (impl S) {
            {
                pub async fn f(&mut self) -> u8 {
                    let count = &mut self.count;
                    self.all.iter().for_each(|x| *count += x);
                    let me = async { self.count };
                    me.await
                }
            }
            { pub async fn g(self) -> u8 { let own = async move || self.count; own().await } }
        }
    }
    run { let mut s = S { all: vec![1, 2], count: 0 }; (s.f().await, s.g().await) }
}

shape! {
    methods_of_an_enum: unwind or group => {
        own { pub enum E { A(u8), B { x: u8 }, C } }
        methods (impl E) {
            {
                pub async fn f(&self) -> u8 {
                    match *self {
                        Self::A(x) | Self::B { x } => x,
                        E::C => return 9,
                    }
                }
            }
            { pub async fn g(self) -> Option<u8> { if let Self::A(x) = self { Some(x) } else { None } } }
        }
    }
    run { (E::A(1).f().await, E::B { x: 2 }.f().await, E::C.f().await, E::A(3).g().await) }
}

shape! {
    attribute_on_a_whole_impl: unwind => {
        own { pub struct S(pub Arc<AtomicUsize>); }
        item {
            impl S {
                /// A constant stays.
                pub const N: u8 = 3;
                pub const fn constant() -> u8 {
                    1
                }
                pub fn plain(&self) -> String {
                    kind(&std::thread::spawn(|| ())).to_owned()
                }
                pub async fn spawns(&self) -> usize {
                    let c = self.0.clone();
                    tokio::spawn(async move {
                        tick(&c);
                    });
                    reaches(&self.0, 1).await
                }
                #[inline]
                pub extern "C" fn foreign(x: u8) -> u8 {
                    x
                }
            }
        }
        item { impl Drop for S { fn drop(&mut self) { self.0.fetch_add(10, Ordering::SeqCst); } } }
    }
    run {
        let c = counter();
        let s = S(c.clone());
        let seen = (s.spawns().await, s.plain(), S::constant(), S::foreign(1));
        drop(s);
        (seen, c.load(Ordering::SeqCst))
    }
}

shape! {
    attribute_on_a_module: unwind => {
        item {
            pub mod inner {
                //! Inner documentation stays first.
                #![allow(dead_code)]
                use super::*;
                use tokio::task;
                pub static COUNT: AtomicUsize = AtomicUsize::new(0);
                pub async fn f() -> &'static str {
                    let h = task::spawn(async { 1 });
                    let k = kind(&h);
                    h.await.unwrap();
                    k
                }
                pub fn g(x: u8) -> u8 {
                    x
                }
                pub struct T;
                impl T {
                    pub async fn h(&self) -> String {
                        let h = task::spawn_blocking(|| 1_u8);
                        kind(&h).to_owned()
                    }
                }
                pub mod deeper {
                    pub async fn i() -> u8 {
                        tokio::task::spawn(async { 2 }).await.unwrap()
                    }
                }
                #[cfg(test)]
                mod tests {
                    #[test]
                    fn one() {
                        assert!(super::g(1) == 1);
                    }
                }
            }
        }
    }
    run { (inner::f().await, inner::g(1), inner::T.h().await, inner::deeper::i().await) }
}

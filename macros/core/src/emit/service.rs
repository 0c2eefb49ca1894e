//! What stands around the body of a `#[rejoin::main]`.

use proc_macro2::{Span, TokenStream};
use quote::quote_spanned;
use syn::spanned::Spanned;
use syn::{Block, Expr};

use super::bodies::returned;
use super::{Bodies, Duration, Edge, block, site};
use crate::item::params::Params;
use crate::spans::located;

/// The kind of runtime.
#[derive(Clone, Copy, Default, PartialEq, Eq)]
pub enum Flavor {
    #[default]
    MultiThread,
    CurrentThread,
    Local,
}

/// A service as it was asked for.
pub struct Service {
    pub flavor: Flavor,
    /// Where the flavor was asked for.
    pub flavor_at: Option<Span>,
    pub worker_threads: Option<Expr>,
    pub start_paused: Option<Expr>,
    pub grace: Duration,
}

impl Service {
    /// A runtime, or why there is none. What not every version of tokio can do, or not without a feature of its own, is
    /// called here and not in the runtime crate; where it is missing, the option is to blame.
    fn runtime(&self, private: &TokenStream, span: Span) -> TokenStream {
        let builder = match self.flavor {
            Flavor::MultiThread => quote_spanned!(span=> multi_thread),
            Flavor::CurrentThread | Flavor::Local => quote_spanned!(span=> current_thread),
        };
        let mut tokens = quote_spanned!(span=> #private::service::#builder());
        if let Some(threads) = &self.worker_threads {
            let at = located(threads.span());
            tokens.extend(quote_spanned!(at=> .worker_threads(#threads)));
        }
        if let Some(paused) = &self.start_paused {
            let at = located(paused.span());
            tokens.extend(quote_spanned!(at=> .start_paused(#paused)));
        }
        let at = self.flavor_at.map_or(span, located);
        tokens.extend(match self.flavor {
            Flavor::Local => {
                quote_spanned!(at=> .build_local(::core::default::Default::default()))
            }
            Flavor::MultiThread | Flavor::CurrentThread => quote_spanned!(span=> .build()),
        });
        tokens
    }
}

impl Bodies<'_> {
    /// A service around a body.
    ///
    /// ```text
    /// Input:  async fn main() -> R { body }
    /// Output: fn main() -> R {
    ///             let __service = ::rejoin::__private::service::Service::start(SITE, GRACE);
    ///             let __runtime = __service.runtime(::rejoin::__private::service::multi_thread().build());
    ///             let __ended = __runtime.block_on(__service.run(
    ///                 async move { body },
    ///                 |__value| {
    ///                     use ::rejoin::__private::service::{NoTermination as _, Terminates as _};
    ///                     (&&::rejoin::__private::service::Value::new(__value)).__rejoin_exit_code()
    ///                 },
    ///             ));
    ///             __runtime.shutdown_timeout(::rejoin::__private::service::PATIENCE);
    ///             __ended.finish()
    ///         }
    /// ```
    pub fn service(&self, body: &Block, edge: &Edge, params: &Params, service: &Service) -> Block {
        let span = located(body.brace_token.span.open());
        let private = self.private(span);
        let site = site(self.runtime, self.name, self.ident, None);
        let grace = service.grace.tokens();
        let runtime = service.runtime(&private, span);
        let future = self.future(body, edge, params);
        let finish = returned(quote_spanned!(span=> __ended.finish()), edge, span);
        block(
            body,
            quote_spanned!(span=>
                let __service = #private::service::Service::start(#site, #grace);
                let __runtime = __service.runtime(#runtime);
                let __ended = __runtime.block_on(__service.run(
                    #future,
                    |__value| {
                        use #private::service::{NoTermination as _, Terminates as _};
                        (&&#private::service::Value::new(__value)).__rejoin_exit_code()
                    },
                ));
                __runtime.shutdown_timeout(#private::service::PATIENCE);
                #finish
            ),
        )
    }

    /// A body that is checked, as that of an `async fn`, and does not run.
    pub fn unfinished(&self, body: &Block, edge: &Edge, params: &Params) -> Block {
        let span = located(body.brace_token.span.open());
        let future = self.future(body, edge, params);
        block(
            body,
            quote_spanned!(span=>
                if false {
                    let _ = #future;
                }
                loop {}
            ),
        )
    }
}

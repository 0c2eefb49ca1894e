//! The subscriber of the thread that panicked, for when the report is made on another one.

pub(super) struct Origin {
    #[cfg(feature = "tracing")]
    dispatch: Dispatch,
}

#[cfg(feature = "tracing")]
enum Dispatch {
    Held(tracing::Dispatch),
    Watched(tracing::dispatcher::WeakDispatch),
}

// Both ways to make one are for the hook: no code of a subscriber runs.
impl Origin {
    /// Keeps the subscriber until the report is made, which is at once.
    pub(super) fn held() -> Self {
        Self {
            #[cfg(feature = "tracing")]
            dispatch: Dispatch::Held(tracing::dispatcher::get_default(Clone::clone)),
        }
    }

    /// Does not: the report is made later, if at all, and subscribers often write when they go.
    pub(super) fn watched() -> Self {
        Self {
            #[cfg(feature = "tracing")]
            dispatch: Dispatch::Watched(tracing::dispatcher::get_default(
                tracing::Dispatch::downgrade,
            )),
        }
    }

    /// Makes a report reach the subscriber it would have reached there, if that was one set for the
    /// thread alone.
    pub(super) fn reach(self, report: impl FnOnce()) {
        #[cfg(feature = "tracing")]
        {
            let dispatch = match self.dispatch {
                Dispatch::Held(dispatch) => Some(dispatch),
                Dispatch::Watched(dispatch) => dispatch.upgrade(),
            };
            if let Some(dispatch) =
                dispatch.filter(|dispatch| !dispatch.is::<tracing::subscriber::NoSubscriber>())
            {
                return tracing::dispatcher::with_default(&dispatch, report);
            }
        }
        #[cfg(not(feature = "tracing"))]
        let Self {} = self;
        report();
    }
}

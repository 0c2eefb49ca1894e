//! The bounded memory for panics that may be met again. In a process of its own: these tests push out what others
//! would look for.

use std::panic::{AssertUnwindSafe, catch_unwind};

use rejoin::{PanicError, catch_sync};

#[test]
fn an_address_that_is_used_again_is_not_taken_for_the_old_panic() {
    for _ in 0..300 {
        let _ = catch_unwind(AssertUnwindSafe(|| {
            catch_sync(|| panic!("again")).map_err(PanicError::resume)
        }));
    }
    let line = line!() + 1;
    let panic = catch_sync(|| panic!("again")).unwrap_err();
    assert_eq!(panic.location().unwrap().line(), line);
}

#[tokio::test]
async fn more_panics_than_are_remembered_degrade_to_the_payload() {
    let oldest = tokio::spawn(async {
        catch_sync(|| panic!("the oldest")).unwrap_or_else(|panic: PanicError| panic.resume())
    });
    let error = oldest.await.unwrap_err();
    for n in 0..256 {
        drop(
            catch_sync(|| panic!("newer {n}"))
                .unwrap_err()
                .into_payload(),
        );
    }
    let panic = PanicError::from_join_error(error).unwrap();
    assert_eq!((panic.message(), panic.location()), ("the oldest", None));
}

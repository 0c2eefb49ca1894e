//! What a caught panic becomes.

use std::error::Error;

use rejoin::{FromPanic, PanicError, catch_sync};

fn panic() -> PanicError {
    catch_sync(|| panic!("secret")).unwrap_err()
}

#[test]
fn nothing_stays_nothing() {
    <()>::from_panic(panic());
}

#[test]
fn a_result_takes_it_as_its_error() {
    #[derive(Debug)]
    enum Own {
        Panicked(String),
    }
    impl From<PanicError> for Own {
        fn from(panic: PanicError) -> Self {
            Self::Panicked(panic.message().to_owned())
        }
    }
    let Err(Own::Panicked(message)) = Result::<u32, Own>::from_panic(panic()) else {
        panic!("not an error")
    };
    assert_eq!(message, "secret");
    assert_eq!(
        Result::<(), PanicError>::from_panic(panic())
            .unwrap_err()
            .message(),
        "secret"
    );
    let boxed = Result::<(), Box<dyn Error + Send + Sync>>::from_panic(panic()).unwrap_err();
    assert!(boxed.is::<PanicError>());
    assert!(
        Result::<(), Box<dyn Error>>::from_panic(panic())
            .unwrap_err()
            .is::<PanicError>()
    );
    assert!(Result::<(), std::io::Error>::from_panic(panic()).is_err());
}

#[cfg(feature = "anyhow")]
#[test]
fn an_anyhow_error_takes_it() {
    let error = Result::<(), anyhow::Error>::from_panic(panic()).unwrap_err();
    assert_eq!(
        error.downcast_ref::<PanicError>().unwrap().message(),
        "secret"
    );
}

#[cfg(feature = "http")]
#[test]
fn a_response_is_an_empty_500_that_closes_the_connection() {
    use http::{Response, StatusCode, header::CONNECTION};

    let response = Response::<String>::from_panic(panic());
    assert_eq!(response.status(), StatusCode::INTERNAL_SERVER_ERROR);
    assert_eq!(response.headers()[CONNECTION], "close");
    assert_eq!(response.body(), "");
    assert_eq!(
        StatusCode::from_panic(panic()),
        StatusCode::INTERNAL_SERVER_ERROR
    );
    assert_eq!(
        Result::<(), StatusCode>::from_panic(panic()),
        Err(StatusCode::INTERNAL_SERVER_ERROR)
    );
}

#[cfg(feature = "axum")]
#[test]
fn an_axum_response_is_one_too() {
    let response = <axum_core::response::Response>::from_panic(panic());
    assert_eq!(response.status(), 500);
}

#[cfg(feature = "tonic")]
#[test]
fn a_grpc_status_tells_the_client_nothing() {
    let status = tonic::Status::from(panic());
    assert_eq!(status.code(), tonic::Code::Internal);
    assert!(!status.message().contains("secret"));
    assert_eq!(
        status
            .source()
            .unwrap()
            .downcast_ref::<PanicError>()
            .unwrap()
            .message(),
        "secret"
    );
    assert!(!format!("{:?}", status.into_http::<String>()).contains("secret"));
}

#![deny(warnings, clippy::all, clippy::pedantic)]
#![forbid(unsafe_code)]

use std::process::{ExitCode, Termination};
use std::time::Duration;

mod renamed {
    pub use rejoin;
}

mod bare {
    #[rejoin::main]
    pub async fn main() {
        std::future::ready(()).await;
    }
}

mod empty {
    #[rejoin::main()]
    pub async fn main() {}
}

mod all {
    #[crate::renamed::rejoin::main(
        grace = "1m 30s",
        name = "shop",
        flavor = "multi_thread",
        worker_threads = 2,
        crate = crate::renamed::rejoin
    )]
    pub async fn main() -> Result<(), Box<dyn std::error::Error>> {
        tokio::spawn(async {});
        let task = tokio::spawn(async { "7".parse::<u32>() });
        assert_eq!(task.await??, 7);
        Ok(())
    }
}

mod expressions {
    use super::Duration;

    const fn grace() -> Duration {
        Duration::from_secs(25)
    }

    #[rejoin::main(grace = grace() * 2, worker_threads = std::cmp::max(1, 2),)]
    pub async fn main() {}
}

mod one_thread {
    #[rejoin::main(flavor = "current_thread", start_paused = true)]
    pub async fn main() -> std::process::ExitCode {
        tokio::time::sleep(super::Duration::from_secs(1_000_000)).await;
        super::ExitCode::SUCCESS
    }
}

mod hidden {
    #[rejoin::main(flavor = "local")]
    pub async fn main() -> impl super::Termination {
        let shared = std::rc::Rc::new(7);
        tokio::task::spawn_local(async move { *shared }).await
            .map(|number| assert_eq!(number, 7))
    }
}

mod grouped_below {
    #[rejoin::main]
    #[rejoin::task_group]
    pub async fn main() -> Result<(), std::num::ParseIntError> {
        tokio::spawn(async { "7".parse::<u32>() });
        Ok(())
    }
}

mod grouped_above {
    #[rejoin::task_group]
    #[rejoin::main(name = "shop")]
    pub async fn main() -> Result<(), std::num::ParseIntError> {
        tokio::spawn(async { "7".parse::<u32>() });
        Ok(())
    }
}

mod joined_below {
    #[rejoin::main]
    #[rejoin::must_join]
    pub async fn main() -> Result<(), tokio::task::JoinError> {
        let task = tokio::spawn(async {});
        task.await
    }
}

mod guarded_below {
    #[rejoin::main]
    #[rejoin::guarded(or = Ok(()))]
    pub async fn main() -> Result<(), String> {
        if std::future::ready(true).await {
            std::panic::resume_unwind(Box::new("recovered"));
        }
        Err("not reached".to_owned())
    }
}

mod guarded_above {
    #[rejoin::guarded(or = Ok(()))]
    #[rejoin::main]
    pub async fn main() -> Result<(), String> {
        if std::future::ready(true).await {
            std::panic::resume_unwind(Box::new("recovered"));
        }
        Err("not reached".to_owned())
    }
}

mod any_value {
    #[rejoin::main]
    pub async fn main() -> Vec<u32> {
        tokio::spawn(async {});
        vec![std::future::ready(7).await]
    }
}

mod attributes {
    /// Documented.
    #[must_use]
    #[rejoin::main]
    #[allow(dead_code)]
    #[inline(never)]
    pub(super) async fn main() -> std::process::ExitCode {
        #![allow(unused_variables)]
        let unused = 7;
        super::ExitCode::SUCCESS
    }
}

mod arguments {
    #[rejoin::main]
    pub async fn main<'a, T: Into<u32> + 'a>(mut words: Vec<&'a str>, (number, _): (T, u8)) -> Result<(), String>
    where
        T: Copy,
    {
        words.push("more");
        assert_eq!(words.len(), 2);
        let number: u32 = number.into();
        if number == 7 { return Ok(()); }
        Err(words.concat())
    }
}

fn main() {
    bare::main();
    empty::main();
    all::main().unwrap();
    expressions::main();
    assert!(one_thread::main() == ExitCode::SUCCESS);
    assert!(hidden::main().report() == ExitCode::SUCCESS);
    grouped_below::main().unwrap();
    grouped_above::main().unwrap();
    joined_below::main().unwrap();
    guarded_below::main().unwrap();
    guarded_above::main().unwrap();
    assert_eq!(any_value::main(), [7]);
    assert!(attributes::main() == ExitCode::SUCCESS);
    arguments::main(vec!["word"], (7_u8, 0)).unwrap();
}

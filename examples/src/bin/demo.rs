//! `cargo run --bin demo`: what a client sees of a service without and with rejoin.

use rejoin_examples::demo::downstream;
use rejoin_examples::demo::log::Log;
use rejoin_examples::demo::report;
use rejoin_examples::demo::scenario::{child, fan_out, hang_up, limit, panic, shutdown};
use rejoin_examples::demo::service::{Service, Side};
use rejoin_examples::gauge::Gauges;
use std::error::Error;
use std::process::ExitCode;

type Failure = Box<dyn Error + Send + Sync>;

#[tokio::main]
async fn main() -> Result<ExitCode, Failure> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let arguments: Vec<&str> = arguments.iter().map(String::as_str).collect();
    match arguments[..] {
        [] => tour().await,
        [shutdown::SERVE, side, mail_server] => {
            let side = if side == Side::With.name() {
                Side::With
            } else {
                Side::Without
            };
            shutdown::serve(side, mail_server.parse()?).await?;
            Ok(ExitCode::SUCCESS)
        }
        _ => Err("the demo takes no arguments".into()),
    }
}

async fn tour() -> Result<ExitCode, Failure> {
    let log = Log::keep();
    let mails = Gauges::default();
    let service = Service::start(downstream::mail_server(&mails).await?).await?;
    report::heading(&format!(
        "A shop at http://{}, every handler twice: without and with an attribute",
        service.address
    ));

    report::aside(
        "(Rejoin reports every panic of the process; of code without attributes it knows no task.)",
    );
    panic::measure(&service, log).await.section().print(1);
    child::measure(&service, log).await.section().print(2);
    report::aside("\n(The next two wait for servers that take 5 s.)");
    let (fan_out, hang_up) = tokio::join!(fan_out::measure(&service), hang_up::measure(&service));
    fan_out.section().print(3);
    hang_up.section().print(4);
    let program = std::env::current_exe()?;
    shutdown::measure(&program).await?.section().print(5);
    limit::measure(&service).await.section().print(6);

    let drained = shutdown::drain(service, &mails).await?;
    drained.print();
    Ok(if drained.survivors.is_empty() {
        ExitCode::SUCCESS
    } else {
        ExitCode::FAILURE
    })
}

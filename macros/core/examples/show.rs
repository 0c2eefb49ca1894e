fn main() {
    let a: Vec<String> = std::env::args().collect();
    let f = match &*a[1] {
        "guarded" => rejoin_macros_core::guarded,
        "task_group" => rejoin_macros_core::task_group,
        "main" => rejoin_macros_core::main,
        _ => rejoin_macros_core::must_join,
    };
    println!("{}", f(a[2].parse().unwrap(), a[3].parse().unwrap()));
}

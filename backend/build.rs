//! Makes the folder that the console is built into. The server resolves it when it is compiled, and would not find
//! a console that is built afterwards if the folder were not there yet.

fn main() {
    println!("cargo::rerun-if-changed=build.rs");
    if let Err(error) = std::fs::create_dir_all("../target/console") {
        println!("cargo::warning=cannot create target/console: {error}");
    }
}

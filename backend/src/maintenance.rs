//! `lwm2m-console backup` and `lwm2m-console check`.

use anyhow::{Context, Result, ensure};
use store::sqlite::{self, Checked};

use crate::options::{BackupOptions, CheckOptions};

pub(crate) fn backup(options: &BackupOptions) -> Result<()> {
    let files = sqlite::backup(&options.data, &options.to)?;
    for (file, bytes) in &files {
        println!("{}: {bytes} bytes", file.display());
    }
    println!("{} files are in {}", files.len(), options.to.display());
    Ok(())
}

pub(crate) fn check(options: &CheckOptions) -> Result<()> {
    let data = options.data.display();
    let checked = sqlite::check(&options.data).with_context(|| format!("cannot read {data}"))?;
    checked.iter().for_each(print);
    let wrong = checked.iter().filter(|file| !file.wrong.is_empty()).count();
    ensure!(wrong == 0, "{wrong} of {} files in {data} are not whole", checked.len());
    println!("{} files in {data} are whole", checked.len());
    Ok(())
}

fn print(file: &Checked) {
    let version = file.version.map_or_else(|| "unknown".to_owned(), |version| version.to_string());
    println!("{}: version {version}, {} bytes", file.file.display(), file.bytes);
    for (table, rows) in &file.tables {
        println!("    {table}: {rows}");
    }
    for wrong in &file.wrong {
        println!("    wrong: {}", wrong.replace('\n', "; "));
    }
}

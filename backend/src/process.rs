//! What the system says about this process, where it has `/proc`.

#[derive(Default)]
pub(crate) struct Process {
    pub(crate) resident_bytes: Option<u64>,
    pub(crate) cpu_ms: Option<u64>,
}

pub(crate) fn read() -> Process {
    let file = |name: &str| std::fs::read_to_string(format!("/proc/self/{name}")).unwrap_or_default();
    Process { resident_bytes: resident_bytes(&file("status")), cpu_ms: cpu_ms(&file("stat")) }
}

/// proc_pid_status(5)
fn resident_bytes(status: &str) -> Option<u64> {
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:"))?;
    let kilobytes: u64 = line.trim().strip_suffix("kB")?.trim().parse().ok()?;
    kilobytes.checked_mul(1_024)
}

/// User and system time (proc_pid_stat(5)), in ticks of which Linux shows 100 a second on every machine.
fn cpu_ms(stat: &str) -> Option<u64> {
    const TICK_MS: u64 = 10;
    // The name of the program stands in parentheses and may hold anything.
    let (_, after_name) = stat.rsplit_once(')')?;
    let mut times = after_name.split_whitespace().skip(11).map(|field| field.parse::<u64>().ok());
    (times.next()?? + times.next()??).checked_mul(TICK_MS)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_files_of_linux_are_read() {
        assert_eq!(resident_bytes("Name:\tx\nVmRSS:\t   5120 kB\nThreads:\t3\n"), Some(5_242_880));
        let stat = "42 (a b) c) S 1 42 42 0 -1 4194560 100 0 0 0 123 45 0 0 20 0 4 0 9 1 2";
        assert_eq!(cpu_ms(stat), Some(1_680));
        assert_eq!((resident_bytes("nothing"), cpu_ms("nothing"), cpu_ms("1 (a) S 1")), (None, None, None));
    }

    #[cfg(target_os = "linux")]
    #[test]
    fn this_process_is_there() {
        let process = read();
        assert!(process.resident_bytes.is_some_and(|bytes| bytes > 100_000));
        assert!(process.cpu_ms.is_some());
    }
}

//! What a process costs, as Linux tells it in `/proc` (proc(5)).

use std::{fs, io, time::Duration};

/// `/proc` counts CPU time in ticks of 1/100 s on every architecture of Linux (`USER_HZ`).
const TICK: Duration = Duration::from_millis(10);

struct Stat {
    parent: u32,
    /// User and system time of the process, and of its children that have ended.
    own: Duration,
    ended_children: Duration,
}

/// CPU time of one process so far.
pub(crate) fn cpu(pid: u32) -> io::Result<Duration> {
    Ok(stat(pid)?.own)
}

/// CPU time of a process with all children, those that have ended too. A PostgreSQL server is such a family.
pub(crate) fn cpu_of_family(pid: u32) -> io::Result<Duration> {
    let parent = stat(pid)?;
    let children: Duration = children(pid)?.into_iter().filter_map(|child| Some(stat(child).ok()?.own)).sum();
    Ok(parent.own + parent.ended_children + children)
}

/// Resident memory of a process in KiB.
pub(crate) fn resident_kib(pid: u32) -> io::Result<u64> {
    let status = fs::read_to_string(format!("/proc/{pid}/status"))?;
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:"));
    line.and_then(|rest| rest.split_whitespace().next()?.parse().ok()).ok_or_else(|| unreadable(pid))
}

fn stat(pid: u32) -> io::Result<Stat> {
    let text = fs::read_to_string(format!("/proc/{pid}/stat"))?;
    // The name in parentheses may hold anything; the numbers come after the last one.
    let numbers: Vec<&str> = text.rsplit_once(')').map_or("", |(_, rest)| rest).split_whitespace().collect();
    let number = |at: usize| numbers.get(at).and_then(|word| word.parse::<u32>().ok()).ok_or_else(|| unreadable(pid));
    Ok(Stat {
        parent: number(1)?,
        own: TICK * (number(11)? + number(12)?),
        ended_children: TICK * (number(13)? + number(14)?),
    })
}

fn children(pid: u32) -> io::Result<Vec<u32>> {
    let all = fs::read_dir("/proc")?.flatten().filter_map(|entry| entry.file_name().to_str()?.parse::<u32>().ok());
    Ok(all.filter(|child| stat(*child).is_ok_and(|stat| stat.parent == pid)).collect())
}

fn unreadable(pid: u32) -> io::Error {
    io::Error::other(format!("/proc tells nothing about process {pid}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn this_process_is_there_and_costs_something() {
        let me = std::process::id();
        assert!(resident_kib(me).unwrap() > 100);
        // In this order: time goes on between the two.
        let alone = cpu(me).unwrap();
        assert!(cpu_of_family(me).unwrap() >= alone);
        assert!(cpu(u32::MAX).is_err());
    }
}

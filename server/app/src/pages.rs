//! Paging: one item more than asked for was loaded, to see whether there is more.

/// Cuts a list to its page. Gives the last item of the page when more follow.
pub(crate) fn cut<T>(items: &mut Vec<T>, limit: u32) -> Option<&T> {
    let limit = usize::try_from(limit).unwrap_or(usize::MAX);
    let more = items.len() > limit;
    items.truncate(limit);
    items.last().filter(|_| more)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_next_page_begins_after_the_last_item() {
        let mut full = vec![1, 2, 3];
        assert_eq!((cut(&mut full, 2).copied(), full), (Some(2), vec![1, 2]));
        let mut last = vec![1, 2];
        assert_eq!((cut(&mut last, 2).copied(), last), (None, vec![1, 2]));
    }
}

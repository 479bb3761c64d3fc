//! The tables about offers: areas, places, what is offered, its texts and dates, and the feed of changes.

diesel::table! {
    areas (id) {
        id -> Binary,
        scheme -> Text,
        key -> Text,
        name -> Text,
        parent_id -> Nullable<Binary>,
        population -> Nullable<Integer>,
    }
}

diesel::table! {
    publishers (organisation_id) {
        organisation_id -> Binary,
        contact_mail -> Nullable<Text>,
        phone -> Nullable<Text>,
        website -> Nullable<Text>,
        first_published_at -> Nullable<BigInt>,
        language -> Nullable<Text>,
        mailed_on -> Nullable<Text>,
    }
}

diesel::table! {
    places (id) {
        id -> Binary,
        organisation_id -> Binary,
        name -> Text,
        street -> Text,
        postcode -> Text,
        city -> Text,
        latitude -> Nullable<Integer>,
        longitude -> Nullable<Integer>,
        area_id -> Nullable<Binary>,
        address_visibility -> Text,
        wheelchair -> Text,
        toilet -> Text,
        step_free -> Integer,
        created_at -> BigInt,
        removed_at -> Nullable<BigInt>,
    }
}

diesel::table! {
    offers (id) {
        id -> Binary,
        organisation_id -> Binary,
        place_id -> Nullable<Binary>,
        kind -> Text,
        sensitivity -> Text,
        status -> Text,
        language -> Text,
        text_rev -> Integer,
        revision -> Integer,
        age_min -> Nullable<Integer>,
        age_max -> Nullable<Integer>,
        cost -> Text,
        cost_cents -> Nullable<Integer>,
        registration -> Text,
        registration_at -> Nullable<Text>,
        places_max -> Nullable<Integer>,
        waiting_list -> Integer,
        interpreter -> Integer,
        online -> Integer,
        verified_on -> Nullable<Text>,
        verify_due -> Nullable<Text>,
        created_at -> BigInt,
        submitted_by -> Nullable<Binary>,
        published_at -> Nullable<BigInt>,
        archived_at -> Nullable<BigInt>,
        archive_reason -> Nullable<Text>,
        next_at -> BigInt,
        sunk -> Integer,
        told -> Integer,
        doubts -> Integer,
        import_key -> Nullable<Text>,
        places_taken -> Integer,
    }
}

diesel::table! {
    offer_images (offer_id) {
        offer_id -> Binary,
        media_type -> Text,
        width -> Integer,
        height -> Integer,
        sha256 -> Binary,
        content -> Binary,
    }
}

diesel::table! {
    offer_texts (offer_id, language) {
        offer_id -> Binary,
        language -> Text,
        title -> Text,
        summary -> Text,
        body -> Text,
        how_to_come -> Text,
        image_alt -> Text,
        made_from_rev -> Integer,
        origin -> Text,
        engine -> Nullable<Text>,
        reviewed_by -> Nullable<Binary>,
        reviewed_at -> Nullable<BigInt>,
        written_by -> Nullable<Binary>,
        written_at -> BigInt,
    }
}

diesel::table! {
    offer_topics (offer_id, topic) {
        offer_id -> Binary,
        topic -> Text,
    }
}

diesel::table! {
    offer_spoken (offer_id, language) {
        offer_id -> Binary,
        language -> Text,
    }
}

diesel::table! {
    offer_areas (offer_id, area_id) {
        offer_id -> Binary,
        area_id -> Binary,
    }
}

diesel::table! {
    offer_schedules (id) {
        id -> Binary,
        offer_id -> Binary,
        time_zone -> Text,
        starts_local -> Text,
        minutes -> Integer,
        rule -> Nullable<Text>,
        skip_holidays_in -> Nullable<Text>,
        materialised_until -> BigInt,
        removed_at -> Nullable<BigInt>,
    }
}

diesel::table! {
    schedule_exceptions (schedule_id, starts_local) {
        schedule_id -> Binary,
        starts_local -> Text,
        op -> Text,
    }
}

diesel::table! {
    occurrences (id) {
        id -> Binary,
        offer_id -> Binary,
        schedule_id -> Binary,
        starts_local -> Text,
        starts_at -> BigInt,
        ends_at -> BigInt,
        state -> Text,
        dropped -> Integer,
        sequence -> Integer,
        place_id -> Nullable<Binary>,
        places_max -> Nullable<Integer>,
        places_taken -> Integer,
        weekday -> Integer,
    }
}

diesel::table! {
    offer_words (word, offer_id, language) {
        word -> Text,
        offer_id -> Binary,
        language -> Text,
        weight -> Integer,
    }
}

diesel::table! {
    offer_feed_head (id) {
        id -> Integer,
        seq -> BigInt,
    }
}

diesel::table! {
    offer_feed (offer_id) {
        offer_id -> Binary,
        seq -> BigInt,
        changed_at -> BigInt,
        gone -> Integer,
    }
}

diesel::table! {
    freshness_mails (id) {
        id -> Binary,
        organisation_id -> Binary,
        token_hash -> Binary,
        token_sealed -> Nullable<Binary>,
        state -> Text,
        attempts -> Integer,
        created_at -> BigInt,
        due_at -> BigInt,
        leased_until -> Nullable<BigInt>,
        expires_at -> BigInt,
        used_at -> Nullable<BigInt>,
    }
}

diesel::table! {
    freshness_mail_offers (mail_id, offer_id) {
        mail_id -> Binary,
        offer_id -> Binary,
        gone -> Integer,
    }
}

diesel::table! {
    offer_feedback (id) {
        id -> Binary,
        offer_id -> Binary,
        month -> Text,
        language -> Nullable<Text>,
        helpful -> Nullable<Text>,
        tags -> Text,
        comment_sealed -> Nullable<Binary>,
    }
}

diesel::table! {
    wishes (id) {
        id -> Binary,
        month -> Text,
        topic -> Text,
        area_id -> Binary,
        language -> Text,
        text_sealed -> Nullable<Binary>,
    }
}

diesel::table! {
    unmet_searches (month, topic, area_id) {
        month -> Text,
        topic -> Text,
        area_id -> Binary,
        searches -> BigInt,
    }
}

diesel::table! {
    registrations (id) {
        id -> Binary,
        resident_id -> Binary,
        offer_id -> Binary,
        occurrence_id -> Nullable<Binary>,
        pool_id -> Binary,
        state -> Text,
        turn -> Integer,
        code -> Text,
        needs_sealed -> Nullable<Binary>,
        name_sealed -> Nullable<Binary>,
        phone_sealed -> Nullable<Binary>,
        created_at -> BigInt,
        changed_at -> BigInt,
        held_until -> Nullable<BigInt>,
        reminded_for -> Nullable<BigInt>,
    }
}

diesel::table! {
    bookmarks (resident_id) {
        resident_id -> Binary,
        offers_sealed -> Binary,
    }
}

diesel::table! {
    recommendations (id) {
        id -> Binary,
        resident_id -> Binary,
        organisation_id -> Binary,
        staff_id -> Binary,
        offer_sealed -> Binary,
        said_sealed -> Nullable<Binary>,
        state -> Text,
        made_at -> BigInt,
    }
}

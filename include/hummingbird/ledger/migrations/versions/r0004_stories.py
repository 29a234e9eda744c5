"""Stories by their last event, and which bundles carry them: what people search and page through."""

from __future__ import annotations

from alembic import op

revision = "0004"
down_revision = "0003"

_TABLES = """
CREATE TABLE ledger.story (
    key TEXT NOT NULL CONSTRAINT pk_story PRIMARY KEY,
    title TEXT,
    url TEXT,
    first_sequence BIGINT NOT NULL,
    last_sequence BIGINT NOT NULL,
    last_at TIMESTAMP WITH TIME ZONE NOT NULL,
    synthetic BOOLEAN NOT NULL
);
CREATE INDEX ix_story_last_sequence ON ledger.story (last_sequence);
CREATE TABLE ledger.travel (
    bundle TEXT NOT NULL,
    story TEXT NOT NULL,
    sequence BIGINT NOT NULL,
    CONSTRAINT pk_travel PRIMARY KEY (bundle, story)
);
CREATE INDEX ix_travel_story ON ledger.travel (story);
CREATE INDEX ix_event_asked ON ledger.event (sequence)
    WHERE kind = 'dev.cdeventsx.hummingbird-approval.created.0.1.0';
"""

# Lax paths find nothing where a document is of another shape. A document that holds the one character which
# jsonb does not know is left unread: its story is then shown without a title.
_TRAVEL = """
    INSERT INTO ledger.travel (bundle, story, sequence)
    SELECT sealed.bundle, carried.story #>> '{{}}', min(sealed.sequence)
    FROM (
        SELECT bundle, sequence,
            CASE WHEN strpos(envelope, '\\u0000') = 0 THEN envelope::jsonb END AS document
        FROM {fresh} WHERE kind = 'dev.cdeventsx.hummingbird-bundle.sealed.0.1.0' AND bundle IS NOT NULL
    ) AS sealed,
    LATERAL (
        SELECT jsonb_path_query(document, 'lax $.customData.event.data.bundle.story')
        UNION ALL
        SELECT jsonb_path_query(document, 'lax $.customData.event.data.bundle.components[*].stories[*]')
    ) AS carried (story)
    WHERE jsonb_typeof(carried.story) = 'string'
    GROUP BY 1, 2
    ON CONFLICT (bundle, story) DO NOTHING;
"""

_STORY = """
    WITH told AS (
        SELECT admitted.sequence, admitted.at, admitted.actor,
            named.story ->> 'key' AS key, named.story ->> 'title' AS title, named.story ->> 'url' AS url
        FROM (
            SELECT sequence, at, actor,
                CASE WHEN strpos(envelope, '\\u0000') = 0 THEN envelope::jsonb END AS document
            FROM {fresh} WHERE kind = 'dev.cdeventsx.hummingbird-run.admitted.0.1.0'
        ) AS admitted,
        LATERAL (
            SELECT jsonb_path_query(document, 'lax $.customData.event.data.plan.story')
            UNION ALL
            SELECT jsonb_path_query(document, 'lax $.customData.event.data.plan.travelling[*]')
        ) AS named (story)
        WHERE jsonb_typeof(named.story -> 'key') = 'string'
    ), seen AS (
        SELECT story AS key, sequence, at, actor, NULL AS title, NULL AS url
        FROM {fresh} WHERE story IS NOT NULL
        UNION ALL
        SELECT travel.story, written.sequence, written.at, written.actor, NULL, NULL
        FROM {fresh} AS written JOIN ledger.travel AS travel ON travel.bundle = written.bundle
        UNION ALL
        SELECT key, sequence, at, actor, title, url FROM told
    )
    INSERT INTO ledger.story AS known (key, title, url, first_sequence, last_sequence, last_at, synthetic)
    SELECT key,
        (array_agg(title ORDER BY sequence DESC) FILTER (WHERE title IS NOT NULL))[1],
        (array_agg(url ORDER BY sequence DESC) FILTER (WHERE url IS NOT NULL))[1],
        min(sequence), max(sequence), max(at), bool_or(actor LIKE 'synthetic:%')
    FROM seen GROUP BY key
    ON CONFLICT (key) DO UPDATE SET
        title = coalesce(excluded.title, known.title),
        url = coalesce(excluded.url, known.url),
        last_sequence = greatest(excluded.last_sequence, known.last_sequence),
        last_at = greatest(excluded.last_at, known.last_at),
        synthetic = excluded.synthetic OR known.synthetic;
"""

# The writer may not touch these tables: the function acts as their owner.
_TRIGGER = """
CREATE FUNCTION ledger.note_stories() RETURNS trigger LANGUAGE plpgsql
    SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
BEGIN
{body}
    RETURN NULL;
END $$;
REVOKE ALL ON FUNCTION ledger.note_stories() FROM PUBLIC;
CREATE TRIGGER event_notes_stories AFTER INSERT ON ledger.event
    REFERENCING NEW TABLE AS fresh FOR EACH STATEMENT EXECUTE FUNCTION ledger.note_stories();
"""


def upgrade() -> None:
    """Create both, fill them with what the ledger has, and keep them."""
    op.execute(_TABLES)
    for script in (_TRAVEL, _STORY):
        op.execute(script.format(fresh="ledger.event"))
    op.execute(_TRIGGER.format(body=(_TRAVEL + _STORY).format(fresh="fresh")))

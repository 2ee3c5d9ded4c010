"""DuckDB and ClickHouse on the columns that the benchmark wrote: seconds and counts, as JSON."""
import json
import math
import sys
import time

import duckdb
import numpy

given = json.loads(sys.argv[1])
folder, now, half_life = given["folder"], given["now"], given["half_life"]
seconds, counts = {}, {}


def column(name, kind):
    return numpy.fromfile(f"{folder}/{name}", dtype=kind)


def quickest(name, work, times):
    best = None
    for _ in range(times):
        started = time.perf_counter()
        answer = work()
        took = time.perf_counter() - started
        best = took if best is None else min(best, took)
    seconds[name] = best
    return answer


db = duckdb.connect()
contact, at = column("contact", "u4"), column("at", "i8")
kind, topic = column("kind", "u1"), column("topic", "u1")
# Sorted by contact already.
db.execute(
    "create table reactions (contact uinteger, moment bigint, weight float, topic utinyint, day usmallint)"
)
weight = numpy.array(given["weights"], dtype="f4")[kind]
day = (at // 86_400_000).astype("u2")
source = {"contact": contact, "moment": at, "weight": weight, "topic": topic, "day": day}
db.execute("insert into reactions select * from source")
SCORES = (
    f"select contact, topic, sum(weight * exp((moment - {now}) * {math.log(2) / half_life})) as score "
    "from reactions group by contact, topic"
)


def table():
    db.execute("create or replace table scores as " + SCORES)


quickest("duckdb table", table, 2)
quickest("duckdb aggregated", lambda: db.execute(f"select sum(score), count(*) from ({SCORES})").fetchone(), 2)
people = {name: column(name, "u1") for name in ["country", "language", "role", "industry"]}
people["contact"] = numpy.arange(len(people["country"]), dtype="u4")
db.execute(
    "create table people as select p.*, coalesce(s.ports, 0)::float as ports, "
    "coalesce(s.whole, 0)::float as whole, coalesce(l.last, 0)::usmallint as last from people p "
    f"left join (select contact, sum(score) filter (topic = {given['topic']}) as ports, sum(score) as whole "
    "from scores group by contact) s using (contact) "
    "left join (select contact, max(day) as last from reactions group by contact) l using (contact) "
    "order by p.contact"
)
today = now // 86_400_000
countries = ", ".join(str(one) for one in given["countries"])
SAME = f"country in ({countries}) and language = {given['language']} and role = {given['role']}"
FIVE = f"select count(*) from people where {SAME} and ports >= 3.0 and last >= {today - 45}"
RECENT = (
    f"select count(*) from people where {SAME} and whole >= 1.0 and contact in "
    f"(select contact from reactions where day > {today - 90} group by contact having count(*) >= 2)"
)
for name, text in [("five conditions", FIVE), ("one on recent reactions", RECENT)]:
    counts[name] = quickest(name, lambda: db.execute(text).fetchone()[0], 15)
db.execute(f"copy reactions to '{folder}/reactions.parquet' (format parquet)")
db.close()

try:
    from chdb import session

    ch = session.Session(f"{folder}/clickhouse")
    ch.query("create database if not exists b engine = Atomic")
    ch.query(
        "create table b.reactions (contact UInt32, moment Int64, weight Float32, topic UInt8, day UInt16) "
        "engine = MergeTree order by (contact, topic)"
    )
    ch.query(f"insert into b.reactions select * from file('{folder}/reactions.parquet', Parquet)")
    ch.query("optimize table b.reactions final")
    scores = (
        f"select contact, topic, sum(weight * exp((moment - {now}) * {math.log(2) / half_life})) as score "
        "from b.reactions group by contact, topic settings optimize_aggregation_in_order = 1"
    )

    def ch_table():
        ch.query("drop table if exists b.scores")
        ch.query(
            "create table b.scores (contact UInt32, topic UInt8, score Float64) "
            "engine = MergeTree order by (contact, topic)"
        )
        ch.query("insert into b.scores " + scores)

    quickest("clickhouse table", ch_table, 2)
    quickest("clickhouse aggregated", lambda: ch.query(f"select sum(score), count() from ({scores})"), 2)
except Exception as error:
    print(f"ClickHouse did not work: {error}", file=sys.stderr)

json.dump({"seconds": seconds, "counts": counts}, sys.stdout)

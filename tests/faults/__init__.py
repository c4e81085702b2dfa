"""Breaking a running product as production does, and counting what it cost.

`make faults` runs every scenario in full and writes `.faults/latest.{md,json}`,
`make faults FAULTS="host_killed api_killed"` some of them, `python -m tests.faults --list` tells
what there is; `--quick` runs the short forms and writes beside, `quick.{md,json}`. `make test`
runs the short form of each.

How to write a scenario: a module of `tests/faults/scenarios`, called what is broken. Its docstring
says the fault, what must hold and, behind the word `Mechanism: `, what in the product makes it
hold: what you removed to see the scenario fail. It has one function:

    def run(stage: Stage) -> list[Finding]:
        place = stage.place                          # a running server that others use after you
        world, _ = place.open_shop()                 # a shop of your own: its log is yours alone
        traffic = Traffic(seed=7, world=world, customers=200, hot=0.1)
        rounds = stage.fewer(20, 3)                  # in full, and in the short form
        with stage.journal() as journal:
            client = Client(place.url, journal, connections=64)
            client.send(traffic.first_orders())      # nobody is new from here on
            journal.group(place.homes(world, traffic.profile_keys))  # profile -> host 0, 1
            for _ in stage.rounds(rounds):           # moves the progress bar
                with client.sending(traffic.take(2_000), per_s=400):   # beside the block
                    journal.until_taken(500)
                    killed_at = time.monotonic()
                    kill(place.host(0))
                place.until_whole()                  # ready, and every host answers
            counts = everything(place, journal, world)
        wait_s = journal.first_success_s(Window(since=killed_at, group=0))
        return [Finding(
            fault="a host is killed", done="kill -9 mid-burst, 20 times",
            counts=counts, firm=(*CLEAN, exactly("unanswered", 0)),
            figures={"first success s": wait_s}, timed=(Limit("first success s", at_most=5),),
        )]

`counts` are facts and `firm` their bounds: they must hold on every machine, so the short form
asserts them. `figures` and `timed` are judged by `make faults` only. The short form should take
about 15 seconds and leave the place whole; where it starts all that it breaks with
`stage.running`, name it in `ALONE` of test_faults.py, so that it may run beside the others. Raise
`Skipped` where the machine lacks something.

place       `Place`: url, dsn, settings, keyring, admin_token, worlds `a`, `a_sandbox` and `b`;
            processes (psutil, looked up anew at each call) `hosts() host(n) apis() postmaster()
            raylet() gcs()`, attribute `supervisor`; `until_whole()`, `homes()`, `metrics()`,
            `connected()`. `kill(*processes)`, `until(condition, patience_s, complaint)`.
            `stage.running({"C360_…": "…"}, hosts=1)` starts another with variables and settings.
traffic     `Traffic`: seeded webhooks and commands as `Sending`s (`id` is the command id in the
            log); `mix=ORDERS` for orders only; `repeated` repeats and permutes in a window.
client      `Client`: `send` (returns when all are answered) and `sending` (beside the block), open
            loop with `per_s`, else as fast as answered; repeats 5xx, 429 and broken connections.
journal     `Journal`: every attempt, also in a file; `acknowledged refused unanswered`, and within
            a `Window(since, until, group)`: `statuses server_errors failures error_rate
            first_success_s longest_silence_s latency_ms`. Instants are `time.monotonic()`.
invariants  `everything` counts what is wrong in the log, `CLEAN` bounds that to 0; its parts are
            `exactly_once` (I1), `whole` (I2), and of `reading` `folded` (I3) and `apart` (I6).
states      `state_hashes`, `state_hash` (I5): equal for runs that differ only in minted ids.
scanner     `canaries_in(paths, texts, canaries)` (I7).
report      `Finding`, `exactly`; `tests.measured.Limit`.
"""

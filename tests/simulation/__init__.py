"""The write path in bad weather, simulated: thousands of days of trouble in minutes, repeatable.

The product's own `ShardWork`, `Gateway`, `Line` and `Identities` run here over a log in memory,
several API processes and hosts at once, in virtual time (`loop`, `fibers`). A seed draws what
callers send (`shop`, `talk`), what goes wrong (`weather`) and where (`database`, `hosts`,
`doors`); callers repeat each signal until it is answered (`callers`). Afterwards, and on the
way, all that was promised must hold (`ledger`, `oracle`).

    python -m tests.simulation --seed 1234 --trace     plays one seed again, step by step
    python -m tests.simulation --minutes 10            plays ever new ones

That it would notice is a test, too: `broken_hosts` and `broken_processes` are products that
break one promise each.
"""

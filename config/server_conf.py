"""What the embedded PostgreSQL is told: durable, local, silent about people, modest in memory."""

from collections.abc import Mapping

SUPERUSER = "postgres"  # sets the cluster up; the product itself never connects as it
ROLE = DATABASE = "customer360"
PORT = 5432  # no network port: only a part of the socket's name
MAP = "customer360"

SETTINGS: Mapping[str, str] = {
    # A commit that was acknowledged survives a power cut.
    "fsync": "on",
    "full_page_writes": "on",
    "synchronous_commit": "on",
    "wal_level": "replica",
    # Nobody reaches it from another machine.
    "listen_addresses": "",
    "unix_socket_permissions": "0700",
    # One modest machine, shared with Python. Parallel queries would only take its other core, and
    # need more of /dev/shm than a container has.
    "shared_buffers": "128MB",
    "effective_cache_size": "1GB",
    "work_mem": "8MB",
    "maintenance_work_mem": "128MB",
    "max_connections": "100",
    "max_parallel_workers_per_gather": "0",
    "max_parallel_maintenance_workers": "0",
    "jit": "off",
    "random_page_cost": "1.1",
    "wal_compression": "on",
    "checkpoint_completion_target": "0.9",
    # Vacuum starts early, works in small steps, and never for hours at a time.
    "autovacuum": "on",
    "autovacuum_naptime": "20s",
    "autovacuum_max_workers": "2",
    "autovacuum_vacuum_scale_factor": "0.05",
    "autovacuum_analyze_scale_factor": "0.05",
    # Forgotten transactions hold up vacuum.
    "idle_in_transaction_session_timeout": "5min",
    # No personal data in the log: no statements, no parameters, no "Key (email)=(…) exists" (that
    # is a DETAIL, which terse drops). Errors quote input, so they go to the client alone; the
    # level "log" keeps what happens to the server itself: starts, crashes, full disks.
    "log_min_messages": "log",
    "log_min_error_statement": "panic",
    "log_error_verbosity": "terse",
    "log_statement": "none",
    "log_min_duration_statement": "-1",
    "log_parameter_max_length": "0",
    "log_parameter_max_length_on_error": "0",
    "log_lock_waits": "off",
    "log_temp_files": "-1",
    "log_checkpoints": "off",
    "log_autovacuum_min_duration": "-1",
    "logging_collector": "off",
    "log_line_prefix": "%m [%p] ",
    # The same everywhere, whatever the machine's own language and place.
    "timezone": "UTC",
    "log_timezone": "UTC",
    "lc_messages": "C",
    "default_text_search_config": "pg_catalog.english",
}


def server_conf(extra: Mapping[str, str]) -> str:
    lines = [f"{name} = {_quoted(value)}" for name, value in {**SETTINGS, **extra}.items()]
    return _text("Written at every start. Lasting changes: ALTER SYSTEM SET …", *lines)


def access_conf() -> str:
    """pg_hba.conf: the kernel tells who calls; no password to steal, nobody is trusted."""
    return _text(
        "Written at every start. Whoever is not listed is refused.",
        f"local all {SUPERUSER},{ROLE} peer map={MAP}",
        f"local replication {SUPERUSER} peer map={MAP}",
    )


def names_conf(*callers: str) -> str:
    """pg_ident.conf: which system users may connect as our two roles."""
    return _text(
        "Written at every start.",
        *(
            f"{MAP} {_double_quoted(name)} {role}"
            for name in dict.fromkeys(callers)
            for role in (SUPERUSER, ROLE)
        ),
    )


def _text(remark: str, *lines: str) -> str:
    return "\n".join([f"# {remark}", *lines, ""])


def _quoted(value: str) -> str:
    return "'" + value.replace("'", "''") + "'"


def _double_quoted(name: str) -> str:
    return '"' + name.replace('"', '""') + '"'

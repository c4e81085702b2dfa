"""Regions of large countries, by code and name, and the time zones they lie in: states, provinces.

A reservation or a border town does not make it two.
"""

import re
from typing import NamedTuple

_TABLE = """
US America/New_York: CT Connecticut|DC District of Columbia|DE Delaware|GA Georgia|MA Massachusetts\
|MD Maryland|ME Maine|NC North Carolina|NH New Hampshire|NJ New Jersey|NY New York|OH Ohio\
|PA Pennsylvania|RI Rhode Island|SC South Carolina|VA Virginia|VT Vermont|WV West Virginia
US America/New_York America/Chicago: FL Florida|IN Indiana|KY Kentucky|MI Michigan|TN Tennessee
US America/Chicago: AL Alabama|AR Arkansas|IA Iowa|IL Illinois|LA Louisiana|MN Minnesota\
|MO Missouri|MS Mississippi|OK Oklahoma|WI Wisconsin
US America/Chicago America/Denver: KS Kansas|ND North Dakota|NE Nebraska|SD South Dakota|TX Texas
US America/Denver: CO Colorado|MT Montana|NM New Mexico|UT Utah|WY Wyoming
US America/Phoenix: AZ Arizona
US America/Denver America/Los_Angeles: ID Idaho|OR Oregon
US America/Los_Angeles: CA California|NV Nevada|WA Washington
US America/Anchorage America/Adak: AK Alaska
US Pacific/Honolulu: HI Hawaii
US America/Puerto_Rico: PR Puerto Rico|VI Virgin Islands
US Pacific/Guam: GU Guam|MP Northern Mariana Islands
US Pacific/Pago_Pago: AS American Samoa
CA America/St_Johns America/Halifax: NL Newfoundland and Labrador
CA America/Halifax: NS Nova Scotia|PE Prince Edward Island
CA America/Moncton: NB New Brunswick
CA America/Toronto America/Puerto_Rico: QC Quebec
CA America/Toronto America/Winnipeg America/Atikokan: ON Ontario
CA America/Winnipeg: MB Manitoba
CA America/Regina America/Edmonton: SK Saskatchewan
CA America/Edmonton: AB Alberta|NT Northwest Territories
CA America/Toronto America/Atikokan America/Winnipeg America/Edmonton: NU Nunavut
CA America/Vancouver America/Edmonton America/Creston: BC British Columbia
CA America/Whitehorse: YT Yukon
AU Australia/Sydney: ACT Australian Capital Territory
AU Australia/Sydney Australia/Broken_Hill Australia/Lord_Howe: NSW New South Wales
AU Australia/Melbourne: VIC Victoria
AU Australia/Brisbane: QLD Queensland
AU Australia/Adelaide: SA South Australia
AU Australia/Darwin: NT Northern Territory
AU Australia/Perth Australia/Eucla: WA Western Australia
AU Australia/Hobart: TAS Tasmania
BR America/Sao_Paulo: SP São Paulo|RJ Rio de Janeiro|MG Minas Gerais|ES Espírito Santo|PR Paraná\
|SC Santa Catarina|RS Rio Grande do Sul|DF Distrito Federal|GO Goiás|TO Tocantins|BA Bahia\
|SE Sergipe|AL Alagoas|PB Paraíba|RN Rio Grande do Norte|CE Ceará|PI Piauí|MA Maranhão|PA Pará\
|AP Amapá
BR America/Recife America/Noronha: PE Pernambuco
BR America/Cuiaba: MT Mato Grosso|MS Mato Grosso do Sul
BR America/Porto_Velho: RO Rondônia|RR Roraima
BR America/Manaus America/Rio_Branco: AM Amazonas
BR America/Rio_Branco: AC Acre
ES Atlantic/Canary: GC Las Palmas|TF Santa Cruz de Tenerife
PT Atlantic/Azores: 20 Açores
NZ Pacific/Chatham: CIT Chatham Islands
"""
LISTED = ("US", "CA", "AU", "BR")  # all regions of these are in the table
# all their other regions lie in one
_OTHERWISE = {"ES": "Europe/Madrid", "PT": "Europe/Lisbon", "NZ": "Pacific/Auckland"}


class Region(NamedTuple):
    code: str
    zones: tuple[str, ...]


def _read(table: str) -> dict[tuple[str, str], Region]:
    found: dict[tuple[str, str], Region] = {}
    for line in table.strip().splitlines():
        head, _, regions = line.partition(": ")
        country, *zones = head.split()
        for named in regions.split("|"):
            code, _, name = named.partition(" ")
            region = Region(f"{country}-{code}", tuple(zones))
            found |= dict.fromkeys(((country, code), (country, name.upper())), region)
    return found


_REGIONS = _read(_TABLE)


def zones_of_region(country: str, region: str) -> tuple[str, ...]:
    """None where we do not know. `region` is a code, with or without its country, or a name."""
    known = _REGIONS.get((country, _bare(country, region)))
    if known is not None:
        return known.zones
    return (_OTHERWISE[country],) if country in _OTHERWISE else ()


def code_of(country: str, region: str) -> str | None:
    """ISO 3166-2, such as `US-FL`; None for a name that is not in the table."""
    bare = _bare(country, region)
    if (known := _REGIONS.get((country, bare))) is not None:
        return known.code
    return f"{country}-{bare}" if may_be_code(country, bare) else None


def may_be_code(country: str, code: str) -> bool:
    if country in LISTED:
        known = _REGIONS.get((country, code))
        return known is not None and known.code == f"{country}-{code}"
    return _CODE.fullmatch(code) is not None


def _bare(country: str, region: str) -> str:
    return region.strip().upper().removeprefix(f"{country}-")


_CODE = re.compile(r"[A-Z0-9]{1,3}")

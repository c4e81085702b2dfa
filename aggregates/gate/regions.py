"""Regions of large countries that lie in one time zone: states and provinces, by code and name.

Those that lie in two are left out, so that nobody's zone is guessed; a reservation or a border
town does not make it two.
"""

_TABLE = """
US America/New_York: CT Connecticut|DC District of Columbia|DE Delaware|GA Georgia|MA Massachusetts\
|MD Maryland|ME Maine|NC North Carolina|NH New Hampshire|NJ New Jersey|NY New York|OH Ohio\
|PA Pennsylvania|RI Rhode Island|SC South Carolina|VA Virginia|VT Vermont|WV West Virginia
US America/Chicago: AL Alabama|AR Arkansas|IA Iowa|IL Illinois|LA Louisiana|MN Minnesota\
|MO Missouri|MS Mississippi|OK Oklahoma|WI Wisconsin
US America/Denver: CO Colorado|MT Montana|NM New Mexico|UT Utah|WY Wyoming
US America/Phoenix: AZ Arizona
US America/Los_Angeles: CA California|NV Nevada|WA Washington
US Pacific/Honolulu: HI Hawaii
CA America/Halifax: NS Nova Scotia|PE Prince Edward Island
CA America/Moncton: NB New Brunswick
CA America/Winnipeg: MB Manitoba
CA America/Edmonton: AB Alberta|NT Northwest Territories
CA America/Whitehorse: YT Yukon
AU Australia/Sydney: ACT Australian Capital Territory
AU Australia/Melbourne: VIC Victoria
AU Australia/Brisbane: QLD Queensland
AU Australia/Adelaide: SA South Australia
AU Australia/Darwin: NT Northern Territory
AU Australia/Hobart: TAS Tasmania
BR America/Sao_Paulo: SP São Paulo|RJ Rio de Janeiro|MG Minas Gerais|ES Espírito Santo|PR Paraná\
|SC Santa Catarina|RS Rio Grande do Sul|DF Distrito Federal|GO Goiás|TO Tocantins|BA Bahia\
|SE Sergipe|AL Alagoas|PB Paraíba|RN Rio Grande do Norte|CE Ceará|PI Piauí|MA Maranhão|PA Pará\
|AP Amapá
BR America/Cuiaba: MT Mato Grosso|MS Mato Grosso do Sul
BR America/Porto_Velho: RO Rondônia|RR Roraima
BR America/Rio_Branco: AC Acre
ES Atlantic/Canary: GC Las Palmas|TF Santa Cruz de Tenerife
PT Atlantic/Azores: 20 Açores
NZ Pacific/Chatham: CIT Chatham Islands
"""
# all their other regions lie in one
_OTHERWISE = {"ES": "Europe/Madrid", "PT": "Europe/Lisbon", "NZ": "Pacific/Auckland"}


def _read(table: str) -> dict[tuple[str, str], str]:
    found: dict[tuple[str, str], str] = {}
    for line in table.strip().splitlines():
        head, _, regions = line.partition(": ")
        country, _, zone = head.partition(" ")
        for region in regions.split("|"):
            code, _, name = region.partition(" ")
            found |= dict.fromkeys(((country, code), (country, name.upper())), zone)
    return found


_ZONES = _read(_TABLE)


def zone_of_region(country: str, region: str) -> str | None:
    """`region` is a code, with or without its country, or a name."""
    named = region.strip().upper().removeprefix(f"{country}-")
    return _ZONES.get((country, named)) or _OTHERWISE.get(country)

import base64

from odoo import api, models
from odoo.fields import Command

# town, postcode, TERC, streets
TOWNS = (
    ("Kutno", "99-300", "1002011", ("Kościuszki", "Grunwaldzka")),
    ("Gniezno", "62-200", "3003011", ("Chrobrego", "Wrzesińska")),
)
SPEEDS = {"fibre": (1000, 300), "hfc": (500, 50), "radio": (60, 10)}
# code, name, kind, vendor, model, town
NODES = (
    ("OLT-KUT-01", "OLT Kutno Centrum", "olt", "Huawei", "MA5800-X7", "Kutno"),
    ("OLT-GNI-01", "OLT Gniezno Centrum", "olt", "Nokia", "ISAM FX-8", "Gniezno"),
    ("CMTS-KUT-01", "CMTS Kutno", "cmts", "Casa Systems", "C40G", "Kutno"),
    ("BTS-GNI-02", "Stacja bazowa Wrzesińska", "base_station", "Cambium", "PMP 450", "Gniezno"),
)
# name, technology, download, gross price, streets and house numbers
COMPETITORS = (
    ("Kutnet Media", "hfc", 600, 64.90, (("Kościuszki", "12"), ("Grunwaldzka", "5"))),
    ("Gnieźnieńska Sieć Osiedlowa", "fibre", 300, 49.90, (("Chrobrego", "31"),)),
    ("Kutnet Media", "fibre", 1000, 79.90, (("Kościuszki", "12"),)),
)
# a list as it comes from the network department; its last row names no technology that exists
LIST = """miejscowość;TERC;ulica;nr budynku;lokal;kod pocztowy;technologie;węzeł;port;szerokość;długość
Kutno;1002011;Kościuszki;14;1;99-300;światłowód 1000/300;OLT-KUT-01;0/2/1;52,230812;19,364355
Kutno;1002011;Kościuszki;14;2;99-300;światłowód 1000/300;OLT-KUT-01;0/2/2;52,230812;19,364355
Kutno;1002011;Kościuszki;14;3;99-300;światłowód 1000/300;OLT-KUT-01;0/2/3;52,230812;19,364355
Kutno;1002011;Grunwaldzka;7;;99-300;światłowód 600/100, radio 60/10;;;52,234410;19,357120
Kutno;1002011;Lipowa;3;;99-300;radio 60/10;;;52,226950;19,371480
Gniezno;3003011;Chrobrego;33;1;62-200;światłowód 1000/300;OLT-GNI-01;0/3/1;52,534870;17,595730
Gniezno;3003011;Chrobrego;33;2;62-200;światłowód 1000/300;OLT-GNI-01;0/3/2;52,534870;17,595730
Gniezno;3003011;Wrzesińska;42;;62-200;radio 60/10;;;52,527310;17,606240
Gniezno;3003011;Chrobrego;35;;62-200;skrętka 100/100;;;52,534990;17,596010
"""


class BssDemo(models.AbstractModel):
    _inherit = "bss.demo"  # pylint: disable=consider-merging-classes-inherited

    @api.private
    def _bss_demo_steps(self):
        return [*super()._bss_demo_steps(), (self.env._("Places and network"), "_load_places")]

    @api.private
    def _load_places(self, ctx):
        """Towns and streets above the buildings, speeds, nodes, ports, competitors, and a list from the network."""
        company = ctx["company"]
        buildings = self.env["bss.location"].concat(*ctx["premises"]).building_id
        self._bss_demo_streets(company, buildings)
        nodes = self._bss_demo_nodes(company)
        self._bss_demo_speeds(buildings, nodes)
        self._bss_demo_ports(ctx["premises"], nodes)
        self._bss_demo_competitors(company, buildings)
        record = self.env["bss.location.import"].create(
            {
                "file_name": "siec-2026.csv",
                "data": base64.b64encode(LIST.encode("cp1250")),
                "company_id": company.id,
            }
        )
        record.with_context(allowed_company_ids=company.ids).action_import()

    @api.private
    def _bss_demo_streets(self, company, buildings):
        places = self.env["bss.location"]
        for town_name, postcode, terc, streets in TOWNS:
            town = places.create(
                {"kind": "town", "name": town_name, "zip": postcode, "teryt_code": terc, "company_id": company.id}
            )
            for name in streets:
                street = places.create({"kind": "street", "name": name, "parent_id": town.id, "company_id": company.id})
                here = buildings.filtered(lambda one, at=(town_name, name): (one.city, one.street) == at)
                here.write({"parent_id": street.id})

    @api.private
    def _bss_demo_nodes(self, company):
        return self.env["bss.network.node"].create(
            [
                {
                    "code": code,
                    "name": name,
                    "kind": kind,
                    "vendor": vendor,
                    "model": model,
                    "location_id": self.env["bss.location"]
                    .search([("kind", "=", "town"), ("name", "=", town), ("company_id", "=", company.id)], limit=1)
                    .id,
                    "company_id": company.id,
                }
                for code, name, kind, vendor, model, town in NODES
            ]
        )

    @api.private
    def _bss_demo_speeds(self, buildings, nodes):
        for row in buildings.technology_ids:
            down, up = SPEEDS[row.technology]
            node = self._bss_demo_node(nodes, row.location_id, row.technology)
            row.write({"down_mbps": down, "up_mbps": up, "node_id": node.id})

    @api.private
    def _bss_demo_node(self, nodes, place, technology):
        return nodes.filtered(lambda node: node.technology == technology and node.location_id.city == place.city)[:1]

    @api.private
    def _bss_demo_ports(self, premises, nodes):
        vals_list, counts = [], {}
        for place in premises:
            node = self._bss_demo_node(nodes, place, "fibre")
            counts[node] = number = counts.get(node, 0) + 1
            vals_list.append({"node_id": node.id, "name": f"0/1/{number}", "location_id": place.id})
        ports = self.env["bss.network.port"].create(vals_list)
        ports[-1].write({"state": "faulty", "note": "Uszkodzony światłowód w szachcie"})

    @api.private
    def _bss_demo_competitors(self, company, buildings):
        names = list(dict.fromkeys(name for name, *_rest in COMPETITORS))
        competitors = self.env["bss.competitor"].create([{"name": name, "company_id": company.id} for name in names])
        by_name = dict(zip(names, competitors, strict=True))
        for name, technology, down, price, houses in COMPETITORS:
            by_name[name].offer_ids = [
                Command.create(
                    {
                        "location_id": building.id,
                        "technology": technology,
                        "down_mbps": down,
                        "price": price,
                        "company_id": company.id,
                    }
                )
                for building in buildings
                if (building.street, building.house_no) in houses
            ]

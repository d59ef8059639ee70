"""Addresses of the console. Each view stands behind the door of one room (`doors.room`)."""

from django.urls import URLPattern, URLResolver, path

from midan.console.views import catalogue, home, labels, log, tickets, upload, waybills

app_name = "console"
urlpatterns: list[URLPattern | URLResolver] = [
    path("", home.home, name="home"),
    path("overview/", home.overview_page, name="overview"),
    path("watermark.svg", home.watermark, name="watermark"),
    path("waybills/", waybills.listing, name="waybills"),
    path("waybills/search/", waybills.search, name="search"),
    path("waybills/upload/", upload.upload, name="upload"),
    path("waybills/upload/file", upload.receive, name="receive"),
    path("waybills/upload/template.csv", upload.template, name="template"),
    path("waybills/<str:number>/", waybills.detail, name="waybill"),
    path("waybills/<str:number>/reveal", waybills.reveal, name="reveal"),
    path("waybills/<str:number>/label.png", labels.preview, name="label"),
    path("waybills/<str:number>/consent", waybills.consent, name="consent"),
    path("waybills/<str:number>/print", labels.print_label, name="print"),
    path("tickets/", tickets.tickets, name="tickets"),
    path("tickets/<str:code>/close", tickets.close, name="close-ticket"),
    path("catalogue/", catalogue.catalogue, name="catalogue"),
    path("notices/", catalogue.notices, name="notices"),
    path("notices/publish", catalogue.publish, name="publish"),
    path("notices/<str:version>/", catalogue.notice, name="notice"),
    path("clauses/", catalogue.clauses, name="clauses"),
    path("log/", log.log, name="log"),
    path("log/verify", log.verify, name="verify"),
    path("log/checkpoint.txt", log.checkpoint, name="checkpoint"),
    path("log/<str:entry_id>/", log.entry, name="entry"),
    path("log/<str:entry_id>/proof.json", log.proof, name="proof"),
]

"""What the folders of a picture say of it, and which of their names say nothing.

A name says nothing that a camera, a phone or a program has made, or that consists of nothing but
devices, programs and what is kept there: “100APPLE”, “Annas iPhone”, “Canon EOS 5D”, “WhatsApp
Images”, “Captures d’écran”, “Neuer Ordner (2)”. The folder around such a one is asked then.
"""

from __future__ import annotations

import re
from pathlib import PurePosixPath
from typing import Final

from glance_agent.domain.folding import folded_words
from glance_agent.domain.wall_rule import is_screenshot
from glance_agent.sources.folders.file_names import is_camera_name, readable


def _words(text: str) -> frozenset[str]:
    return frozenset(text.split())


_CARD: Final = re.compile(r"[1-9]\d\d[A-Z_][A-Z0-9_]{4}|\d{6}_[_a-z]|.+\.photoslibrary")
"""What cameras write on cards (DCF: “100CANON”) and iPhones in months (“202307_a”)."""
_CARD_IN_SMALL: Final = re.compile(
    r"\d{3}(?:apple|canon|nikon|olymp|msdcf|media|andro|gopro|ricoh|kodak|pentx|photo|cloud|"
    r"samsu|leica|casio|hasbl|sigma|_pana|_fuji)"
)
"""The same where a card is mounted in small letters."""
_DEVICES: Final = _words(
    """iphone iphones ipad ipads ipod samsung huawei xiaomi redmi oneplus oppo realme nokia motorola
    xperia htc fairphone canon eos ixus powershot nikon coolpix nikkor sony cybershot fujifilm fuji
    finepix panasonic lumix olympus pentax leica casio exilim ricoh kodak gopro dji insta360 mavic
    camera cameras camara fotocamera kamera appareil fotoapparat fototoestel handy handys phone
    phones smartphone smartphones telefon telefono telefoon telephone portable movil celular
    cellulare mobile mobil mobiltelefon tablet android scanner"""
)
_PROGRAMS: Final = _words(
    """dcim whatsapp telegram signal threema viber wechat weixin messenger facebook instagram
    snapchat tiktok twitter pinterest tumblr reddit bluetooth takeout icloud onedrive dropbox
    nextcloud owncloud instantupload mobilebackup photoprism immich lightroom snapseed picsart vsco
    photobooth download downloads telechargements descargas scaricati stahovani screenshot
    screenshots bildschirmfoto bildschirmfotos bildschirmaufnahmen schermafbeeldingen schermate
    screencaptures capture captures captura capturas d'ecran pantalla"""
)
_KEPT: Final = _words(
    """photo photos foto fotos foto's fotografien fotografie photographies fotografias bild bilder
    picture pictures pics image images imagen imagenes immagine immagini afbeelding afbeeldingen
    video videos film films filme zdjecia library bibliothek mediathek bibliotheque originals
    originale originaux masters roll rolls pellicule carrete rullino filmrol aufnahmen upload
    uploads backup backups sicherung sauvegarde copia import imports imported importiert export
    exports exported exportiert unsorted unsortiert misc sonstiges divers diverses temp tmp raw raws
    jpg jpeg jpegs heic bursts album albums folder ordner dossier carpeta cartella map untitled
    unbenannt inbox"""
)
_BESIDE: Final = _words(
    """my meine mein eigene mes mis mie mijn mia new neuer neue neues nouveau nueva nuova nieuwe all
    alle mini max pro plus ultra lite se xr xs mark mk ii iii iv edge fold flip sent received
    empfangen gesendet saved gespeicherte private animated gifs stickers business shared cell stream
    shots screen recordings from von vom de del dal du di da uit z le la les il der die das the of
    and und et y e en with mit op"""
)
"""Words that say nothing beside those above."""
_LINES: Final = _words("galaxy pixel hero note rebel alpha apple google mi")
"""What devices are called by: something else unless one of those above, or a number, follows."""
_WHOSE: Final = re.compile(
    r"i(?:phone|pad|pod)|handys?|phones?|smartphones?|telefoon|kamera|camera"
)
_MODEL: Final = re.compile(r"[a-z]{1,3}\d{1,4}[a-z]{0,3}|\d{1,3}[a-z]{0,2}")
"""A word that is the number of a model: “s10”, “5d”, “d750”, “12”."""
_NOTHING: Final = _DEVICES | _PROGRAMS | _KEPT


def title_of_folders(key: str) -> str | None:
    """What the folders of a relative path say of what lies in them, the nearest first."""
    titles = (folder_title(folder.name) for folder in PurePosixPath(key).parents if folder.name)
    return next((title for title in titles if title), None)


def folder_title(name: str) -> str | None:
    """What a folder's name says of its pictures; None for those that programs made."""
    if is_camera_name(name) or _CARD.fullmatch(name) or _CARD_IN_SMALL.fullmatch(name):
        return None
    if is_screenshot(name) or _says_nothing(folded_words(name.replace("_", " "))):
        return None
    return readable(name)


def _says_nothing(words: list[str]) -> bool:
    """Whether these are names of devices, programs and what is kept there, or none at all."""
    words = _without_owner([re.sub(r"^(iphone|ipad)\d+\w*$", r"\1", word) for word in words])
    numbers = [word for word in words if _MODEL.fullmatch(word)]
    telling = {word for word in words if not word.isdecimal()}.difference(numbers)
    if not telling <= _NOTHING | _BESIDE | _LINES:
        return False
    if telling & _NOTHING or (telling & _LINES and numbers):
        return True
    return not telling and all(map(str.isdecimal, words))


def _without_owner(words: list[str]) -> list[str]:
    """The same without whose device it is: “Annas iPhone”, “John's Phone”, “iPhone de Anna”."""
    if len(words) == 2 and words[0].endswith("s") and _WHOSE.fullmatch(words[1]):
        return words[1:]
    if len(words) == 3 and _WHOSE.fullmatch(words[0]) and words[1] in _BESIDE:
        return words[:1]
    return words

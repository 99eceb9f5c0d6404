"""Words that are told in a call: common, short, and hard to take for one another by ear."""

from __future__ import annotations

import unicodedata

_LISTED = """
abelha abril agulha alface alho amigo amora anel anjo areia arroz azul
balde banana barco batata beijo bolo boneca brasa
cabra cadeira café caju cama caneta canoa carta cavalo cebola cenoura cereja chave chuva cidade circo
coelho colher copo coral coruja
dado dedo dente doce domingo
escada escola espelho estrela
faca fada farinha feijão festa figo flauta flor floresta foca fogo folha formiga fruta
galinha garfo gelo girafa goiaba
horta hotel
igreja ilha inverno
janela jardim jornal junho
lago laranja leão leite limão livro lobo louça lua luva
maçã macaco madeira manga martelo mel melancia mesa milho montanha música
navio neve ninho noite nuvem
onda ouro ovelha
padaria palhaço panela papel parede pássaro peixe pera piano pipoca pirata porta prata
queijo quintal
rádio raposa relógio rio roda rosa
sábado sapato sapo selo semente sino sol sorvete
tambor tapete tatu terra tesoura tigre tijolo tomate trem trigo
uva
vaca vela vento verde viola violão
xadrez xícara
zebra
"""
WORDS = tuple(_LISTED.split())


def letters_of(typed: str) -> str:
    """What is compared: letters only, without accents and case (NFKD), so that ``Maçã, LUA`` is ``maca lua``."""
    plain = unicodedata.normalize("NFKD", typed).casefold()
    return "".join(character for character in plain if character.isalpha())

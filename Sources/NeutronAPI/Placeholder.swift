// placeholder while warming the build
